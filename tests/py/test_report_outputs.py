"""Several outputs of one run: which format each gets, and what is refused before any work is done."""
import csv, json, os, pathlib, re, subprocess, tempfile, unittest

DLGUIDER = os.environ["DLGUIDER"]
EXAMPLE = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "examples/digits"
RANK = ["rank", str(EXAMPLE / "model.keras"), "-i", str(EXAMPLE / "x.npy"), "-l", str(EXAMPLE / "y.npy"), "--budget", "0"]


class Outputs(unittest.TestCase):
    def run_rank(self, *more, code=0):
        done = subprocess.run([DLGUIDER, *RANK, *more], capture_output=True, text=True, timeout=300, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def test_endings_say_the_format(self):
        done = self.run_rank("-o", "r.json", "-o", "r.sarif", "-or.csv", "-o", "-", "--out=plain")
        self.assertEqual(json.loads((self.folder / "r.json").read_text())["schema"], "dlguider.ranking/1")
        self.assertEqual(json.loads((self.folder / "r.sarif").read_text())["version"], "2.1.0")
        self.assertEqual(len(list(csv.reader((self.folder / "r.csv").open(newline="")))), 7)
        self.assertIn("   1 dense ", done.stdout)
        self.assertEqual((self.folder / "plain").read_text(), done.stdout)
        self.assertEqual(len(list(self.folder.iterdir())), 4)

    def test_format_serves_what_has_no_ending(self):
        done = self.run_rank("-o", "r.csv", "-o", "-", "--json")
        self.assertEqual(json.loads(done.stdout)["layers"][0]["name"], "dense")
        self.assertTrue((self.folder / "r.csv").read_text().startswith("rank,index"))

    def test_the_page_names_every_form(self):
        text = (EXAMPLE / "../../docs/reports.md").read_text()
        endings = set(re.findall("^\| `([a-z-]+)` \\|", text, re.M))
        listed = re.search("form of the result.*?\\(([^)]*)\\)", (EXAMPLE / "../../docs/commands.md").read_text()).group(1)
        self.assertEqual(endings, set(listed.split(", ")))

    def test_one_output_takes_the_format(self):
        self.run_rank("-o", "r.csv", "--format", "json")
        json.loads((self.folder / "r.csv").read_text())

    def test_refusals_leave_nothing(self):
        for more, words in ((["-o", "a.json", "-o", "a.json"], "two outputs name the same file a.json"),
                            (["-o", "a", "--save-spectrum", "a"], "two outputs name the same file a"),
                            (["-o", "folder/", "--format", "json"], "names a folder"),
                            (["-o", "b.json", "-o", RANK[1]], "would overwrite")):
            self.assertIn(words, self.run_rank(*more, code=2).stderr)
        self.assertIn("at most 64 times", self.run_rank(*[f"-o{i}" for i in range(65)], code=2).stderr)
        self.run_rank("-o", "good.json", "-o", "none/such/folder.json", code=6)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["good.json"])


if __name__ == "__main__":
    unittest.main()
