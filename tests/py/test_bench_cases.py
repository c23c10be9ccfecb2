"""The bench's generator: its programs are Python, its data fit them, its faults are where they are said to be. No training."""
import ast
import pathlib
import re
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from cases import data, drawn, given, held, held2, more, operators, outside, training

DRAWN = {base.name: base for base in map(drawn.base, range(drawn.FIRST, drawn.FIRST + 12))}
BASES = {**given.BASES, **more.BASES, **held.BASES, **held2.BASES, **DRAWN}


def changes():
    for base in BASES.values():
        for change in [*operators.hard(base.body), *operators.gentle(base.body)]:
            for new in change.rungs:
                body = list(base.body)
                body[change.line:change.line + 1] = new
                yield base, change, body


class Operators(unittest.TestCase):
    def test_changed_programs_are_python_and_differ(self):
        for base, change, body in changes():
            with self.subTest(base=base.name, kind=change.kind, name=change.name):
                ast.parse(training.program(base, body, 1))
                self.assertNotEqual(body, base.body)

    def test_blame_is_a_changed_line_or_the_layer_before_a_removed_one(self):
        for base, change, body in changes():
            with self.subTest(base=base.name, kind=change.kind, name=change.name):
                self.assertIn("layers.", body[change.blame])
                if change.name == "removed":
                    self.assertLess(change.blame, change.line)
                else:
                    self.assertNotIn(body[change.blame], base.body[change.line])

    def test_no_argument_is_given_twice(self):
        for base, change, body in changes():
            for node in ast.walk(ast.parse(training.program(base, body, 1))):
                if isinstance(node, ast.Call):
                    names = [k.arg for k in node.keywords]
                    self.assertEqual(len(names), len(set(names)), body[change.line])

    def test_every_kind_of_fault_is_offered_inside_the_model(self):
        for base in BASES.values():
            last = operators.last_weighty(base.body)
            self.assertTrue(any(c.line < last for c in operators.gentle(base.body)), base.name)

    def test_arguments_are_replaced(self):
        line = 'model.add(layers.Dense(3, activation="relu", kernel_initializer="he_normal"))'
        self.assertEqual(operators.add_argument(line, 'kernel_initializer="zeros"'),
                         'model.add(layers.Dense(3, activation="relu", kernel_initializer="zeros"))')
        self.assertEqual(operators.add_argument("layers.Bidirectional(layers.LSTM(12)),", "dropout=0.5"),
                         "layers.Bidirectional(layers.LSTM(12, dropout=0.5)),")


class Data(unittest.TestCase):
    def test_data_fit_their_programs(self):
        for base in BASES.values():
            with self.subTest(base=base.name):
                x, y, task = data.load(base.dataset)
                shape = ast.literal_eval(re.search(r"keras\.Input\((\([^)]*\))", "\n".join(base.body)).group(1))
                self.assertEqual(x.shape[1:], shape)
                self.assertEqual(len(x), len(y))
                again = data.load(base.dataset)
                np.testing.assert_array_equal(x, again[0])
                np.testing.assert_array_equal(y, again[1])
                if task == "multiclass":
                    classes = y.shape[1] if y.ndim == 2 else len(np.unique(y))
                    output = base.body[operators.last_weighty(base.body)]
                    self.assertEqual(int(re.search(r"Dense\((\d+)", output).group(1)), classes)

    def test_held_bases_share_no_data_with_the_others(self):
        fitted = {base.dataset for base in (*given.BASES.values(), *more.BASES.values())}
        self.assertFalse(fitted & {base.dataset for base in held.BASES.values()})

    def test_numbers_are_unique(self):
        self.assertEqual(len({base.number for base in BASES.values()}), len(BASES))


class Outside(unittest.TestCase):
    def about(self, x, y, task):
        return outside.About(task, y, x, np.random.default_rng(1))

    def test_no_label_keeps_its_class(self):
        rng = np.random.default_rng(2)
        x, y = rng.random((90, 4)).astype("float32"), rng.integers(0, 5, 90)
        for labels in (y, np.eye(5, dtype="float32")[y]):
            for kind in ("labels-off-by-one", "classes-permuted"):
                _, new = outside.TESTS[kind](x, labels, self.about(x, labels, "multiclass"))
                code = new.argmax(1) if new.ndim == 2 else new
                self.assertTrue((code != y).all(), kind)
                self.assertEqual(new.dtype, labels.dtype)

    def test_contradictory_tests_repeat_inputs(self):
        x, y = np.arange(80).reshape(40, 2).astype("float32"), np.arange(40) % 2
        new, _ = outside.TESTS["labels-contradictory"](x, y, self.about(x, y, "binary"))
        self.assertEqual(len(np.unique(new, axis=0)), 20)
        self.assertEqual(len(new), 40)

    def test_tokens_are_not_scaled(self):
        x, y = np.arange(40).reshape(20, 2).astype("int32"), np.arange(20) % 2
        for kind in ("inputs-x255", "inputs-unnormalised", "inputs-shifted", "inputs-divided"):
            self.assertIsNone(outside.TESTS[kind](x, y, self.about(x, y, "binary")), kind)


if __name__ == "__main__":
    unittest.main()
