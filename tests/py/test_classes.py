"""Labels that are words: strings of .npy, columns of .csv; their numbers, the names in the JSON, --classes, and what is refused."""
import json, os, pathlib, subprocess, tempfile, unittest

import numpy

DLGUIDER = os.environ["DLGUIDER"]
EXAMPLE = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "examples/digits"
WORDS = numpy.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nün"])
IN_ORDER = ",".join(WORDS)


class Classes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.y = numpy.load(EXAMPLE / "y.npy")
        cls.failed = cls.rank(EXAMPLE / "y.npy")["tests"]["failed"]

    @classmethod
    def rank(cls, labels, *argv, code=0):
        done = subprocess.run([DLGUIDER, "rank", EXAMPLE / "model.keras", "-i", EXAMPLE / "x.npy", "-l", labels, "--method", "guider", "--json", *argv],
                              capture_output=True, text=True, cwd=cls.folder)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if code == 0 else done.stderr

    def test_words_in_the_order_of_the_outputs(self):
        words = WORDS[self.y]
        for name, array in {"u": words, "big": words.astype(">U5"), "column": words[:, None], "bytes": numpy.char.encode(words, "utf-8")}.items():
            numpy.save(self.folder / f"{name}.npy", array)
            ranking = self.rank(f"{name}.npy", "--classes", IN_ORDER)
            self.assertEqual(ranking["tests"]["failed"], self.failed, name)
            self.assertEqual(ranking["tests"]["classes"], list(WORDS), name)
            self.assertTrue(any("0 = zero, 1 = one" in note for note in ranking["notes"]), ranking["notes"])
        (self.folder / "y.csv").write_text("\n".join(["digit", *words]) + "\n")
        self.assertEqual(self.rank("y.csv:digit", "--classes", IN_ORDER)["tests"]["failed"], self.failed)

    def test_words_alone_are_numbered_in_the_order_of_their_names(self):
        order = numpy.sort(WORDS)
        numpy.save(self.folder / "sorted.npy", order[self.y])
        ranking = self.rank("sorted.npy", "--save-spectrum", "s.spectrum")
        self.assertEqual((ranking["tests"]["failed"], ranking["tests"]["classes"]), (self.failed, list(order)))
        again = subprocess.run([DLGUIDER, "rank", "--spectrum", "s.spectrum", "--json"], capture_output=True, text=True, cwd=self.folder, check=True)
        self.assertEqual(json.loads(again.stdout)["tests"], ranking["tests"])

    def test_numbers_can_be_named(self):
        self.assertNotIn("classes", self.rank(EXAMPLE / "y.npy")["tests"])
        self.assertEqual(self.rank(EXAMPLE / "y.npy", "--classes", IN_ORDER)["tests"]["classes"], list(WORDS))

    def test_words_are_no_inputs(self):
        numpy.save(self.folder / "x.npy", WORDS[self.y])
        done = subprocess.run([DLGUIDER, "rank", EXAMPLE / "model.keras", "-i", self.folder / "x.npy", "-l", EXAMPLE / "y.npy"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 3)
        self.assertIn("holds words", done.stderr)

    def test_refusals(self):
        numpy.save(self.folder / "some.npy", WORDS[self.y % 9])
        self.assertIn("9 different words, but the model has 10 outputs", self.rank("some.npy", code=3))
        self.rank("some.npy", "--classes", IN_ORDER)
        self.assertIn('"eight" is not among --classes a,b', self.rank("some.npy", "--classes", "a,b", code=3))
        self.assertIn('names "a" twice', self.rank("some.npy", "--classes", "a,b,a", code=2))
        self.assertIn("empty name", self.rank("some.npy", "--classes", "a,,b", code=2))
        self.assertIn("go up to 9, but --classes names 3", self.rank(EXAMPLE / "y.npy", "--classes", "a,b,c", code=3))
        numpy.save(self.folder / "table.npy", numpy.array([["a", "b"]] * len(self.y)))
        self.assertIn("no single column of words", self.rank("table.npy", code=4))
        cut = (self.folder / "some.npy").read_bytes()[:-4]
        (self.folder / "cut.npy").write_bytes(cut)
        self.assertIn("save it again", self.rank("cut.npy", code=3))


if __name__ == "__main__":
    unittest.main()
