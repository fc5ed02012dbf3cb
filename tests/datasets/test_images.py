from __future__ import annotations

import io
import os
import struct
import zlib

import numpy as np
import pytest
from pictures import gray_steps, save
from PIL import Image

from minitheanonet.datasets import (
    DataFileError,
    images,
    read_image,
)

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
RED_LUMINANCE = 0.299  # ITU-R 601


def left_and_right(pixels: np.ndarray) -> tuple[float, float]:
    return pixels[:, 0].mean(), pixels[:, -1].mean()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "CMYK", "1"])
@pytest.mark.parametrize("grayscale", [True, False])
def test_read_every_mode(tmp_path, mode, grayscale):
    extension = "tif" if mode == "CMYK" else "png"
    path = save(tmp_path / f"x.{extension}", gray_steps().convert(mode))
    pixels = read_image(path, size=8, grayscale=grayscale)
    assert pixels.shape == ((8, 8) if grayscale else (8, 8, 3))
    assert pixels.dtype == np.float32
    if mode == "1":  # dithered: only the means remain
        assert left_and_right(pixels)[0] < 0.4 < 0.6 < left_and_right(pixels)[1]
    else:
        assert left_and_right(pixels) == pytest.approx((0.2, 0.8), abs=0.01)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_read_jpeg(tmp_path, mode):
    path = save(tmp_path / "x.jpg", gray_steps(400, 300).convert(mode))
    assert left_and_right(read_image(path, size=8)) == pytest.approx((0.2, 0.8), abs=0.02)


def test_jpeg_at_reduced_scale_is_nearly_the_same(tmp_path):
    blocks = np.random.default_rng(0).integers(0, 256, (20, 30)).repeat(20, 0).repeat(20, 1)
    image = Image.fromarray(blocks.astype(np.uint8)).convert("RGB")
    reduced = read_image(save(tmp_path / "x.jpg", image, quality=95), size=64)
    full = read_image(save(tmp_path / "x.png", image), size=64)
    assert np.abs(reduced - full).max() < 0.02


@pytest.mark.parametrize("extension", ["png", "tif"])
@pytest.mark.parametrize("grayscale", [True, False])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path, extension, grayscale):
    values = np.full((20, 20), 13107, np.uint16)
    values[:, 10:] = 52428
    path = save(tmp_path / f"x.{extension}", Image.fromarray(values))
    pixels = read_image(path, size=10, grayscale=grayscale)
    assert left_and_right(pixels) == pytest.approx((0.2, 0.8), abs=1e-5)


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_pixels_without_a_known_scale_are_refused(tmp_path, dtype):
    path = save(tmp_path / "x.tif", Image.fromarray(np.ones((4, 4), dtype)))
    with pytest.raises(DataFileError, match="no fixed scale"):
        read_image(path)


def test_colours_and_luminance(tmp_path):
    path = save(tmp_path / "x.png", Image.new("RGB", (5, 5), RED))
    np.testing.assert_array_equal(read_image(path, size=1, grayscale=False), [[[1, 0, 0]]])
    assert read_image(path, size=1)[0, 0] == pytest.approx(RED_LUMINANCE, abs=0.002)


def test_colours_of_a_palette(tmp_path):
    image = Image.new("P", (5, 5), 1)
    image.putpalette([*RED, *GREEN, *BLUE])
    path = save(tmp_path / "x.gif", image)
    np.testing.assert_array_equal(read_image(path, size=1, grayscale=False), [[[0, 1, 0]]])


def test_transparent_pixels_show_white(tmp_path):
    half = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    half.paste((0, 0, 0, 255), (2, 0, 4, 4))
    for image in (half, half.convert("LA"), half.convert("P")):
        path = save(tmp_path / f"{image.mode}.png", image)
        assert left_and_right(read_image(path, size=4)) == (1, 0)
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([*RED, *GREEN])
    path = save(tmp_path / "x.png", palette, transparency=0)
    assert read_image(path, size=1)[0, 0] == 1


@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_exif_rotation_is_applied(tmp_path, extension):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    path = save(tmp_path / f"x.{extension}", gray_steps(200, 300), exif=exif)
    pixels = read_image(path, size=(12, 8))
    assert pixels.shape == (12, 8)
    assert (pixels[0].mean(), pixels[-1].mean()) == pytest.approx((0.2, 0.8), abs=0.02)


def test_size_is_height_then_width(tmp_path):
    path = save(tmp_path / "x.png", gray_steps())
    assert read_image(path, size=(3, 9)).shape == (3, 9)


def test_small_copies_are_averages(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    path = save(tmp_path / "x.png", Image.fromarray(board.astype(np.uint8)))
    np.testing.assert_allclose(read_image(path, size=4), 0.5, atol=0.01)


@pytest.mark.parametrize("size", [0, -1, (0, 5), (5, -1)])
def test_size_must_be_positive(tmp_path, size):
    path = save(tmp_path / "x.png", gray_steps())
    with pytest.raises(ValueError, match="at least one pixel"):
        read_image(path, size=size)


def test_the_file_is_closed_and_a_missing_one_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.png"):
        read_image(tmp_path / "absent.png")


@pytest.mark.parametrize("extension", ["jpg", "png", "gif", "tif", "bmp"])
def test_truncated_files(tmp_path, extension):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60)).astype(np.uint8)
    path = save(tmp_path / f"x.{extension}", Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataFileError, match=rf"x\.{extension}: it cannot be read"):
        read_image(path)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_files_that_are_no_images(tmp_path, content):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=r"x\.png") as caught:
        read_image(path)
    assert caught.value.mend == "Replace the file or remove it"


def test_a_picture_in_disguise_is_not_handed_to_another_program(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *_, **__: ran.append("it"))
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n"
    path = tmp_path / "x.png"
    path.write_bytes(script)
    with pytest.raises(DataFileError, match="cannot identify"):
        read_image(path)
    assert ran == []


def test_read_multi_picture_jpeg(tmp_path):
    path = tmp_path / "x.jpg"
    gray_steps(64, 64).save(path, "MPO", save_all=True, append_images=[gray_steps(64, 64)])
    assert left_and_right(read_image(path, size=8)) == pytest.approx((0.2, 0.8), abs=0.02)


def test_a_pipe_is_not_waited_on(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DataFileError, match="it is a folder, a pipe or a device"):
        read_image(tmp_path / "pipe.png")


def png_that_declares(width: int, height: int) -> bytes:
    """A small picture's file with another size written into its header."""
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "png")
    content = bytearray(buffer.getvalue())
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


@pytest.mark.parametrize("side", [7_100, 10_000, 50_000])
def test_decompression_bombs_are_refused_before_decoding(tmp_path, side):
    # Three sizes: above our limit, above Pillow's warning, above Pillow's error.
    path = tmp_path / "x.png"
    path.write_bytes(png_that_declares(side, side))
    with pytest.raises(DataFileError, match="pixels"):
        read_image(path)


def test_the_limit_itself_is_allowed(tmp_path, monkeypatch):
    path = save(tmp_path / "x.png", gray_steps(10, 10))
    monkeypatch.setattr(images, "MAX_PIXELS", 100)
    assert read_image(path, size=2).shape == (2, 2)
    monkeypatch.setattr(images, "MAX_PIXELS", 99)
    with pytest.raises(DataFileError, match=r"more than 99 pixels: \(10, 10\)"):
        read_image(path, size=2)
