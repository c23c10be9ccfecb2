"""The HTML report in a real browser: complete in one file, allowed nothing, without obstacles (axe), right for a few layers and
for hundreds, on a phone and in the dark, and deaf to what a model file could smuggle in."""
import base64, hashlib, html.parser, importlib.resources, json, os, pathlib, re, shutil, struct, subprocess, tempfile, unittest, zlib

import numpy

DLGUIDER, SOURCE = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_SOURCE"])
TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests/page_dump"
EXAMPLE = SOURCE / "examples/digits"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = (importlib.resources.files("axe_core_python") / "axe.min.js").read_text()
PROBE = """
<script>%s</script><script>addEventListener("load", () => setTimeout(async () => {
	const answer = await axe.run(), page = document.documentElement;
	document.querySelector("th.units button")?.click();
	const sorted = [...document.querySelectorAll("#ranking tbody .units")].map(cell => Number(cell.dataset.v));
	const filter = document.querySelector("#filter");
	filter.value = "dense_1";
	filter.dispatchEvent(new Event("input"));
	const kept = [...document.querySelectorAll("#ranking tbody tr")].filter(row => !row.hidden).map(row => row.cells[1].textContent);
	filter.value = "";
	filter.dispatchEvent(new Event("input"));
	document.querySelector("#theme").click();
	document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "e", bubbles: true}));
	const said = document.createElement("pre");
	said.id = "said";
	said.textContent = JSON.stringify({violations: answer.violations.map(v => [v.id, v.nodes[0].html, v.nodes[0].failureSummary]),
		passes: answer.passes.length, wide: page.scrollWidth - page.clientWidth, sorted, kept, scheme: getComputedStyle(page).colorScheme,
		open: document.querySelectorAll("details.layer[open]").length, images: [...document.images].filter(i => i.naturalWidth).length});
	document.body.append(said);
}, 50));</script>"""


def page_of(*more):
    done = subprocess.run([DLGUIDER, "rank", "model.keras", "-i", "x.npy", "-l", "y.npy", "--format", "html", *more], cwd=EXAMPLE, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def dump(layers):
    return subprocess.run([TOOL, "html", str(layers)], capture_output=True, check=True, timeout=300).stdout.decode()


class Parsed(html.parser.HTMLParser):
    """Every start tag with its attributes, and the text of style and script."""
    VOID = {"meta", "img", "input", "br", "link"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.inside, self.blocks, self.open, self.text = [], None, {}, [], ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.blocks.setdefault(self.open[-1], []).append(data)
        else:
            self.text += data


class Static(unittest.TestCase):
    def check(self, text, most=1_500_000):
        self.assertLess(len(text.encode()), most)
        parsed = Parsed(text)
        policy, = [a["content"] for tag, a in parsed.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
        for block in ("style", "script"):
            code, = parsed.blocks[block]
            self.assertIn(f"{block}-src 'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'", policy)
        self.assertTrue(policy.startswith("default-src 'none'"))
        identities = [a["id"] for _, a in parsed.tags if "id" in a]
        self.assertEqual(len(identities), len(set(identities)))
        for tag, attributes in parsed.tags:
            self.assertFalse([name for name in attributes if name.startswith("on") or name in ("style", "srcset", "action")], (tag, attributes))
            if "src" in attributes:
                self.assertTrue(tag == "img" and attributes["src"].startswith("data:image/png;base64,"), attributes)
            if "href" in attributes:
                self.assertTrue(attributes["href"].startswith("#") and attributes["href"][1:] in identities, attributes)
        return parsed

    def test_one_file_and_every_link_in_it(self):
        parsed = self.check(page_of("--program", "train.py"))
        self.assertIn('layers.Dense(48, activation="softmax"),', parsed.text)
        self.assertEqual(len([1 for tag, a in parsed.tags if tag == "img"]), 6)
        self.assertIn("softmax inside the model squeezes all units to a sum of 1", parsed.text)
        self.check(page_of())

    def test_the_same_input_gives_the_same_bytes(self):
        self.assertEqual(page_of("--budget", "0", "--threads", "1"), page_of("--budget", "0", "--threads", "2"))

    def test_hostile_names_stay_text(self):
        for layers in (0, 1, 3, 600, 5000):
            parsed = self.check(dump(layers), 8_000_000 if layers == 5000 else 1_500_000)
            self.assertFalse([a for tag, a in parsed.tags if tag == "img"])
            self.assertNotIn("\u202e", parsed.text)
            self.assertNotIn("\x1b", parsed.text)
            if layers:
                self.assertIn("</script><img src=x onerror=alert(1)>", parsed.text)
                self.assertIn("\\u{202e}\\x1b[2J\\xff", parsed.text)

    def test_heat_map_and_histogram_count_what_the_tests_show(self):
        """Against the neuron values that `activations` writes: the picture's cells, the bins of all neurons' values, the table."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            files = ["model.keras", "-i", "x.npy", "-l", "y.npy"]
            more = ["--coverage", "raw", "--threshold", "0.1"]
            run = lambda *argv: subprocess.run([DLGUIDER, *argv], cwd=EXAMPLE, check=True, capture_output=True, timeout=300).stdout.decode()
            run("activations", *files, "--neurons", "-o", str(folder / "acts"))
            text = run("rank", *files, *more, "--budget", "0", "--format", "html")
            index = json.loads((folder / "acts/index.json").read_text())
            values = {a["layer"]: numpy.load(folder / "acts" / a["file"]) for a in index["arrays"]}
            failed = numpy.load(folder / "acts/verdict.npy").reshape(-1).astype(bool)
        labels = numpy.load(EXAMPLE / "y.npy").reshape(-1)
        order = sorted(range(len(labels)), key=lambda t: (not failed[t], labels[t], t))
        cards = re.findall(r'<details class="layer" id="L\d+".*?</details>', text, re.S)
        self.assertEqual(len(cards), len(values))
        for card in cards:
            name = re.search("<h3>(.*?)</h3>", card).group(1)
            seen = values[name]
            head = re.search(r'<img class="heat" width="(\d+)" height="(\d+)" data-split="(\d+)" data-low="(\d+)" data-high="(\d+)" data-neurons="([^"]*)".*?base64,([^"]*)"', card, re.S)
            width, height, split, low, high = (int(head.group(i)) for i in range(1, 6))
            cells = picture(base64.b64decode(head.group(7)), width, height)
            neurons = [int(n) for n in head.group(6).split()]
            if height == seen.shape[1]:  # one neuron a row
                self.assertEqual(sorted(neurons), list(range(height)))
                columns = groups(order, int(failed.sum()), split) + groups(order[int(failed.sum()):], int((~failed).sum()), width - 1 - split)
                shares = numpy.array([[numpy.floor(255 * (seen[column, neuron] > 0.1).mean() + .5) for column in columns] for neuron in neurons])
                self.assertEqual((low, high), (shares.min(), shares.max()) if shares.min() < shares.max() else (0, 255), name)
                for row, neuron in enumerate(neurons):
                    expected = numpy.floor((shares[row] - low) * 31 / (high - low)).tolist()
                    self.assertEqual(cells[row, :split].tolist() + (cells[row, split + 1:] - 32).tolist(), expected, (name, neuron))
            low, high, up, down = 0, 0, 0, 0
            for line in re.findall("<title>(.*?)</title>", card):
                left, right = (int(n.replace(",", "")) for n in re.search("([0-9,]+) passed, ([0-9,]+) failed", line).groups())
                up, down = up + left, down + right
            self.assertEqual((up, down), (seen[~failed].size, seen[failed].size), name)
            first = re.search(r"<title>([-0-9.e]+) to ([-0-9.e]+): ([0-9,]+) passed, ([0-9,]+) failed", card.split("histogram", 1)[1])
            if first and "below" not in card.split("histogram", 1)[1].split("</title>")[0]:
                low, high = float(first.group(1)), float(first.group(2))
                width_of = high - low
                inside = (seen >= low - 1e-3 * width_of) & (seen < high - 1e-3 * width_of)
                shown = int(first.group(3).replace(",", "")) + int(first.group(4).replace(",", ""))
                self.assertLess(abs(int(inside.sum()) - shown), .02 * seen.size, name)  # the bounds are printed with three digits


def groups(order, count, columns):
    """The tests of each column: at most 16 evenly spaced ones of its share."""
    made = []
    for k in range(columns):
        first, last = k * count // columns, (k + 1) * count // columns
        kept = min(last - first, 16)
        made.append([order[first + i * (last - first) // kept] for i in range(kept)])
    return made


def picture(png, width, height):
    """Palette indexes of an unfiltered PNG, by the specification."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        chunk = png[at + 8:at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + chunk)
        if kind == b"IHDR":
            assert struct.unpack(">IIBBBBB", chunk) == (width, height, 8, 3, 0, 0, 0)
        data += chunk if kind == b"IDAT" else b""
        at += 12 + size
    rows = numpy.frombuffer(zlib.decompress(data), numpy.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:].astype(int)


@unittest.skipUnless(BROWSER, "no chromium: ./dev deps installs it")
class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.example = page_of("--program", "train.py")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def browse(self, text, *more, width=1280):
        path = self.folder / "page.html"
        path.write_text(text)
        done = subprocess.run([BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.folder / 'profile'}", "--no-first-run",
                               "--disable-dev-shm-usage", "--enable-logging=stderr", f"--window-size={width},900", "--virtual-time-budget=20000", *more, "--dump-dom",
                               path.as_uri()], capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertEqual([line for line in done.stderr.splitlines() if "CONSOLE" in line], [])
        return done.stdout

    def probe(self, text, *more, **how):
        """axe needs to run on the page, so its copy is without the policy."""
        open_page = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", text).replace("</body>", PROBE % AXE + "</body>")
        said = re.search('<pre id="said">(.*?)</pre>', self.browse(open_page, *more, **how), re.S)
        return json.loads(html.unescape(said.group(1)))

    def test_nothing_is_refused_and_the_script_runs(self):
        page = self.browse(self.example)
        self.assertIn('<button type="button">Layer</button>', page)
        self.assertNotIn('class="tools" hidden', page)

    def test_without_obstacles(self):
        found = self.checked(self.example)
        self.assertEqual(found["sorted"], sorted(found["sorted"]))
        self.assertEqual((found["kept"], found["open"], found["images"]), (["dense_1"], 6, 6))
        self.assertEqual(found["scheme"], "dark")  # after a click

    def test_without_obstacles_in_the_dark_on_a_phone(self):
        dark = "--blink-settings=preferredColorScheme=0"
        self.assertEqual(self.checked(self.example, dark, width=360)["scheme"], "light")
        self.checked(dump(60), dark, width=500)

    def checked(self, text, *more, width=1280):
        found = self.probe(text, *more, width=width)
        self.assertEqual(found["violations"], [], (more, width))
        self.assertGreater(found["passes"], 20)
        self.assertLessEqual(found["wide"], 0)
        return found


if __name__ == "__main__":
    unittest.main()
