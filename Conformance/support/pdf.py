"""Reads PDF files with programs of other makers: poppler for the text, pyHanko, pypdf or qpdf for the structure."""

import io
import shutil
import subprocess
import tempfile


def text(pdf_bytes: bytes, raw: bool = True) -> str:
    """The text of all pages as poppler's pdftotext finds it.

    raw: in the order of the file, which is the order in which the blocks were given; otherwise in the order in which
    poppler thinks that people read the page.
    """
    command = ["pdftotext", "-enc", "UTF-8", *(["-raw"] if raw else []), "-", "-"]
    done = subprocess.run(command, input=pdf_bytes, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode()


def assert_valid(pdf_bytes: bytes) -> int:
    """Fails unless the file reads strictly as PDF with at least one page; returns how many pages."""
    assert pdf_bytes.startswith(b"%PDF-"), "no PDF header"
    assert pdf_bytes.rstrip().endswith(b"%%EOF"), "no end of file mark"
    for reader in (_pages_of_pyhanko, _pages_of_pypdf, _pages_of_qpdf):
        pages = reader(pdf_bytes)
        if pages is not None:
            assert pages > 0, "no pages"
            return pages
    raise AssertionError("none of pyHanko, pypdf and qpdf is installed: scripts/setup.sh test")


def _pages_of_pyhanko(pdf_bytes):
    try:
        from pyhanko.pdf_utils.reader import PdfFileReader
    except ImportError:
        return None
    return int(PdfFileReader(io.BytesIO(pdf_bytes), strict=True).root["/Pages"]["/Count"])


def _pages_of_pypdf(pdf_bytes):
    try:
        from pypdf import PdfReader
    except ImportError:
        return None
    return len(PdfReader(io.BytesIO(pdf_bytes), strict=True).pages)


def _pages_of_qpdf(pdf_bytes):
    if not shutil.which("qpdf"):
        return None
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf_bytes)
        file.flush()
        check = subprocess.run(["qpdf", "--check", file.name], capture_output=True, text=True, timeout=60)
        assert check.returncode == 0, check.stdout + check.stderr
        count = subprocess.run(["qpdf", "--show-npages", file.name], capture_output=True, text=True, timeout=60)
        return int(count.stdout)
