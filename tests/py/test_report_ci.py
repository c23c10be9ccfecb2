"""JUnit XML and Markdown, read back with readers that are not ours, and with names that would like to be more than names."""
import os, pathlib, subprocess, unittest, xml.etree.ElementTree as xml

import junitparser
from markdown_it import MarkdownIt

DLGUIDER, EXAMPLE = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "examples/digits"
TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests/page_dump"


def rank(form, *more, code=0):
    done = subprocess.run([DLGUIDER, "rank", "model.keras", "-i", "x.npy", "-l", "y.npy", "--format", form, "--budget", "0", *more], cwd=EXAMPLE,
                          capture_output=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done.stdout.decode()


def dump(form, layers):
    return subprocess.run([TOOL, form, str(layers)], capture_output=True, check=True, timeout=300).stdout.decode()


class JUnit(unittest.TestCase):
    def read(self, text):
        suites = junitparser.JUnitXml.fromstring(text.encode())
        suite, = suites
        cases = list(suite)
        self.assertEqual((suite.tests, suites.tests), (len(cases), len(cases)))
        failed = [case for case in cases if case.result]
        self.assertEqual((suite.failures, suites.failures), (len(failed), len(failed)))
        return suite, cases, failed

    def test_the_layer_that_stands_out_fails(self):
        suite, cases, failed = self.read(rank("junit", "--program", "train.py"))
        self.assertEqual([case.name for case in failed], ["dense"])
        self.assertEqual((suite.name, len(cases), cases[0].classname), ("model.keras", 6, "model.keras"))
        self.assertEqual((cases[0]._elem.get("file"), cases[0]._elem.get("line")), ("train.py", "19"))
        self.assertIn('train.py:19: layers.Dense(48, activation="softmax"),', failed[0].result[0].text)
        self.assertEqual(failed[0].result[0].type, "settings.softmax-inside")
        self.assertEqual({p.name: p.value for p in suite.properties()}["failed"], "77 of 300")

    def test_fail_on(self):
        self.assertEqual(len(self.read(rank("junit", "--fail-on", "1"))[2]), 0)
        self.assertEqual(len(self.read(rank("junit", "--fail-on=-1", code=1))[2]), 6)
        self.assertEqual(len(self.read(rank("junit", "--method", "guider"))[2]), 1)

    def test_hostile_names(self):
        for layers in (0, 1, 40):
            text = dump("junit", layers)
            xml.fromstring(text)
            _, cases, _ = self.read(text)
            self.assertEqual(len(cases), layers)
            for case in cases:
                self.assertIn("</script><img src=x onerror=alert(1)>", case.name)


class Markdown(unittest.TestCase):
    def read(self, text):
        self.assertLess(len(text), 60000)
        self.assertTrue(text.startswith("<!-- dlguider -->\n"))
        return MarkdownIt("commonmark").enable("table").parse(text)

    @staticmethod
    def inline(tokens):
        return [child for token in tokens for child in token.children or []]

    def rows(self, tokens):
        start = [i for i, token in enumerate(tokens) if token.type == "tbody_open"]
        end = [i for i, token in enumerate(tokens) if token.type == "tbody_close"]
        self.assertEqual((len(start), len(end)), (1, 1))
        return "".join(token.type + " " for token in tokens[start[0]:end[0]]).split("tr_open")[1:]

    def test_the_comment(self):
        text = rank("markdown", "--program", "train.py")
        tokens = self.read(text)
        self.assertEqual([row.count("td_open") for row in self.rows(tokens)], [6] * 6)
        self.assertIn("look at layer `dense`, `train.py:19`", text)
        self.assertIn("mend: use relu", text)

    def test_hostile_names(self):
        for layers in (1, 3, 500):
            text = dump("markdown", layers)
            tokens = self.read(text)
            self.assertEqual([row.count("td_open") for row in self.rows(tokens)], [6] * min(layers, 20))
            children = self.inline(tokens)
            self.assertFalse({child.type for child in children} & {"image", "link_open", "em_open"})
            for child in children + tokens:
                if child.type in ("html_inline", "html_block"):
                    self.assertNotIn("<img", child.content)
                if child.type == "text":  # mentions and references are looked for in text, not in code
                    self.assertNotRegex(child.content, "@all|#1")
            self.assertFalse([token for token in tokens if token.type == "heading_open" and token.tag != "h3"])


if __name__ == "__main__":
    unittest.main()
