"""Folders of images: pixels equal Pillow's (PNG exactly, JPEG within 2 levels), sizes those of tf.image.resize, verdicts those of Keras
on keras.utils.image_dataset_from_directory; hostile images give one line."""
import io, json, os, pathlib, struct, subprocess, tempfile, unittest, zlib

import keras, numpy, tensorflow
from PIL import Image

DLGUIDER, BUILD = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_BUILD"])
L = keras.layers


def picture(height, width, seed=0):
    """Smooth colours with an edge and some noise, as photographs have."""
    draw = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    base = numpy.stack([128 + 100 * numpy.sin(x / 9 + seed), 255 * y / height, 255 * (x > width / 2)], -1)
    return numpy.clip(base + draw.normal(0, 6, base.shape), 0, 255).astype("uint8")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


class Images(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def dump(self, data, *size):
        (self.folder / "image").write_bytes(data)
        done = subprocess.run([BUILD / "tests/image_dump", self.folder / "image", self.folder / "out", *size], capture_output=True, text=True, timeout=60)
        return done, numpy.fromfile(self.folder / "out", "<f4" if size else "u1") if done.returncode == 0 else None

    def pixels(self, data):
        done, values = self.dump(data)
        self.assertEqual(done.returncode, 0, done.stderr)
        width, height, channels = map(int, done.stdout.split())
        return values.reshape(height, width, channels)

    def test_png_equals_pillow(self):
        rgb = picture(23, 37)
        image = Image.fromarray(rgb)
        alpha = Image.fromarray(numpy.dstack([rgb, numpy.full((23, 37), 90, "uint8")]))
        grey16 = Image.fromarray((rgb[..., 0].astype("uint16") * 251 + 77))
        cases = {"rgb": image, "rgba": alpha, "grey": image.convert("L"), "grey alpha": alpha.convert("LA"), "palette": image.quantize(19),
                 "two colours": image.quantize(2), "bits": image.convert("1")}
        for name, made in cases.items():
            for options in ({}, {"optimize": True}):
                data = io.BytesIO()
                made.save(data, "PNG", **options)
                mine = self.pixels(data.getvalue())
                theirs = numpy.asarray(Image.open(io.BytesIO(data.getvalue())).convert("L" if mine.shape[2] == 1 else "RGB"))
                numpy.testing.assert_array_equal(mine.squeeze(), theirs, name)
        data = io.BytesIO()
        grey16.save(data, "PNG")
        numpy.testing.assert_array_equal(self.pixels(data.getvalue()).squeeze(), numpy.asarray(grey16) >> 8)

    def test_interlaced_png_with_gamma(self):
        rgb = picture(9, 11)
        rows = b""
        for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
            part = rgb[y0::dy, x0::dx]
            rows += b"".join(b"\0" + line.tobytes() for line in part) if part.size else b""
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 11, 9, 8, 2, 0, 0, 1)) + chunk(b"gAMA", struct.pack(">I", 100000)) + \
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        numpy.testing.assert_array_equal(numpy.asarray(Image.open(io.BytesIO(data))), rgb)
        numpy.testing.assert_array_equal(self.pixels(data), rgb)

    def test_jpeg_is_near_pillow(self):
        for options in ({"quality": 90}, {"quality": 60, "subsampling": 0}, {"quality": 75, "progressive": True}):
            for mode in ("RGB", "L"):
                data = io.BytesIO()
                Image.fromarray(picture(61, 83, 2)).convert(mode).save(data, "JPEG", **options)
                theirs = numpy.asarray(Image.open(data)).astype(int)
                self.assertLessEqual(numpy.abs(self.pixels(data.getvalue()).squeeze().astype(int) - theirs).max(), 2, (options, mode))

    def test_sizes_equal_tensorflow(self):
        rgb = picture(31, 45, 3)
        data = io.BytesIO()
        Image.fromarray(rgb).save(data, "PNG")
        for height, width in ((31, 45), (16, 16), (64, 20), (1, 1), (7, 90)):
            values = self.dump(data.getvalue(), f"{height}x{width}x3")[1].reshape(height, width, 3)
            theirs = tensorflow.image.resize(rgb, (height, width)).numpy()
            self.assertLessEqual(numpy.abs(values - theirs).max(), 1e-3, (height, width))
        grey = numpy.asarray(Image.fromarray(rgb).convert("L"))
        numpy.testing.assert_array_equal(self.dump(data.getvalue(), "31x45x1")[1].reshape(31, 45), grey)

    def test_hostile_images(self):
        png, jpeg = io.BytesIO(), io.BytesIO()
        Image.fromarray(picture(40, 40)).save(png, "PNG")
        Image.fromarray(picture(40, 40)).save(jpeg, "JPEG")
        png, jpeg = png.getvalue(), jpeg.getvalue()
        head = lambda w, h: b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0))
        cases = ((png[:200], 3, "damaged PNG"), (png.replace(b"IDAT", b"IDAU"), 3, "damaged PNG"), (png[:60] + b"\xff" + png[61:], 3, "damaged PNG"),
                 (head(16000, 16000) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b""), 5, "16000 x 16000"),
                 (head(2**31 - 1, 2**31 - 1), 3, "damaged PNG"), (head(0, 5), 3, "damaged PNG"), (jpeg[:300], 3, "damaged JPEG"),
                 (jpeg[:-100], 3, "cut off"), (b"GIF89a" + bytes(20), 3, "neither PNG nor JPEG"), (b"\xff\xd8\xff", 3, "JPEG"))
        for data, code, words in cases:
            done, _ = self.dump(data)
            self.assertEqual(done.returncode, code, (words, done.stderr))
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        cmyk = io.BytesIO()
        Image.new("CMYK", (8, 8)).save(cmyk, "JPEG")
        self.assertIn("CMYK", self.dump(cmyk.getvalue())[0].stderr)

    def test_a_jpeg_of_many_scans_is_refused(self):
        data = io.BytesIO()
        Image.fromarray(picture(64, 64)).convert("L").save(data, "JPEG", progressive=True)
        data = data.getvalue()
        last = data.rindex(b"\xff\xda")
        self.assertIn("more than 100 scans", self.dump(data[:last] + data[last:-2] * 200 + data[-2:])[0].stderr)


class Folders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for number, name in enumerate(("cat", "dog", "fox")):
            (cls.folder / "images" / name).mkdir(parents=True)
            for i in range(9):
                Image.fromarray(picture(30 + i, 50 - 2 * i, 10 * number + i)).save(cls.folder / "images" / name / f"{i}.{'png' if i % 3 else 'jpg'}")
        (cls.folder / "images/cat/notes.txt").write_text("no image")
        (cls.folder / "images/.hidden").mkdir()
        keras.utils.set_random_seed(8)
        cls.model = keras.Sequential([keras.Input((24, 20, 3)), L.Rescaling(1 / 255), L.Conv2D(6, 3, activation="relu"), L.GlobalAveragePooling2D(), L.Dense(3, activation="softmax")])
        cls.model.save(cls.folder / "m.keras")
        cls.data = keras.utils.image_dataset_from_directory(cls.folder / "images", image_size=(24, 20), shuffle=False, batch_size=27, verbose=0)

    def run_command(self, *argv, code=0):
        done = subprocess.run([DLGUIDER, *map(str, argv)], capture_output=True, text=True, timeout=300, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr if code else done.stdout

    def test_verdicts_equal_keras(self):
        x, y = next(iter(self.data))
        failed = int((self.model.predict(x, verbose=0).argmax(1) != y.numpy()).sum())
        for argv in ([], ["-l", "images"], ["--image-size", "24x20"]):
            ranking = json.loads(self.run_command("rank", "m.keras", "-i", "images", *argv, "--json"))
            self.assertEqual((ranking["tests"]["total"], ranking["tests"]["failed"], ranking["tests"]["classes"]), (27, failed, ["cat", "dog", "fox"]))
        numpy.save(self.folder / "y.npy", y.numpy())
        ranking = json.loads(self.run_command("rank", "m.keras", "-i", "images", "-l", "y.npy", "--json"))
        self.assertEqual(ranking["tests"]["failed"], failed)

    def test_activations_equal_keras(self):
        self.run_command("activations", "m.keras", "-i", "images", "-o", "acts")
        x, _ = next(iter(self.data))
        file = next(item["file"] for item in json.loads((self.folder / "acts/index.json").read_text())["arrays"] if item["kind"] == "Conv2D")
        theirs = keras.Model(self.model.inputs, self.model.layers[1].output).predict(x, verbose=0)
        self.assertLessEqual(numpy.abs(numpy.load(self.folder / "acts" / file) - theirs).max(), 0.02)  # two levels of a JPEG, out of 255, times the kernel

    def test_refusals(self):
        (self.folder / "empty").mkdir()
        self.assertIn("holds no images", self.run_command("rank", "m.keras", "-i", "empty", code=3))
        (self.folder / "mixed/a").mkdir(parents=True)
        for name in ("mixed/a/1.png", "mixed/2.png"):
            Image.fromarray(picture(24, 20)).save(self.folder / name)
        self.assertIn("keep one of the two", self.run_command("rank", "m.keras", "-i", "mixed", code=3))
        self.assertIn("--image-size takes HxW", self.run_command("rank", "m.keras", "-i", "images", "--image-size", "24", code=2))
        self.assertIn("takes (?, 24, 20, 3)", self.run_command("rank", "m.keras", "-i", "images", "--image-size", "9x9", code=3))
        (self.folder / "bad/a").mkdir(parents=True)
        (self.folder / "bad/a/1.png").write_bytes(b"no image")
        self.assertIn("bad/a/1.png: is neither PNG nor JPEG", self.run_command("activations", "m.keras", "-i", "bad", "-o", "acts2", "--classes", "a,b,c", code=3))
        keras.Sequential([keras.Input((None, None, 3)), L.GlobalAveragePooling2D(), L.Dense(3)]).save(self.folder / "free.keras")
        self.assertIn("--image-size HxW", self.run_command("rank", "free.keras", "-i", "images", code=2))
        self.run_command("rank", "free.keras", "-i", "images", "--image-size", "12x12", "--method", "guider")


if __name__ == "__main__":
    unittest.main()
