"""Disturbances of overhead pictures in five strengths: what is done to 8-bit RGB, the same wherever it runs.

None moves anything: an object's box is the same in the disturbed picture. Values are rounded and kept within
0 and 255. docs/robustness.md says what each is like, and which sensor knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from ..contract import Image
from ..errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

LOOKS = (64, 25, 10, 4, 1)  # of speckle
TRANSMISSION = (0.85, 0.7, 0.55, 0.4, 0.25)  # of haze
AIRLIGHT = 230  # the grey of haze without ground behind it
SIGMA = (0.5, 1.0, 2.0, 3.0, 4.0)  # of blur, pixels
QUALITY = (60, 40, 25, 15, 8)  # of JPEG, libjpeg's scale
FACTOR = (1.5, 2.0, 3.0, 4.0, 6.0)  # of the ground sampling distance
STRENGTHS = 5

_LONGEST_JPEG = 65_500  # pixels of a side
_BAND = 2**20  # pixels whose noise is drawn at once


def corrupted(picture: Picture, image: Image) -> Picture:
    """The picture of `image` (its window, as RGB) under `image.change`: kind/strength, or kind/strength/seed.

    Noise depends on the seed (0 where none is named), the image's name, page and window, the kind and the
    strength, and on nothing else.

    Raises:
        DataError: the picture has a side that the disturbance does not take.
    """
    kind, strength, *seed = image.change.split("/")
    place = f"{':'.join(seed) or 0} {kind} {strength} {image.page} {image.window} {image.name}"
    named = sha256(place.encode("utf-8", "surrogatepass")).digest()
    return KINDS[kind](picture, int(strength) - 1, int.from_bytes(named[:16], "big"))


def speckle(picture: Picture, step: int, seed: int) -> Picture:
    """Multiplicative noise of L looks: every pixel's values times one draw of Gamma(L, 1 / L), mean 1.

    The intensity of fully developed speckle, averaged over L independent looks, is so distributed; its
    coefficient of variation is 1 / sqrt(L). J. W. Goodman: Some fundamental properties of speckle, JOSA 66,
    1976; F. T. Ulaby, M. C. Dobson: Handbook of radar scattering statistics for terrain, 1989. Bands share
    the draw, so that grey stays grey. The values on file are taken for intensities.
    """
    import numpy as np
    import PIL.Image

    rng, looks = np.random.default_rng(seed), LOOKS[step]
    values = np.asarray(picture)
    noisy = np.empty_like(values)
    rows = max(_BAND // picture.width, 1)
    for top in range(0, picture.height, rows):
        part = values[top : top + rows]
        noise = rng.standard_gamma(looks, part.shape[:2]) / looks
        noisy[top : top + rows] = np.minimum(np.rint(part * noise[..., None]), 255)
    return PIL.Image.fromarray(noisy)


def haze(picture: Picture, step: int, seed: int) -> Picture:
    """Homogeneous haze: I t + A (1 - t), with the transmission t and the airlight A.

    The atmospheric scattering model: H. Koschmieder: Theorie der horizontalen Sichtweite, 1924; S. G.
    Narasimhan, S. K. Nayar: Vision and the atmosphere, IJCV 48, 2002, equation 3; seen from above the way
    through the air is the same for the whole picture.
    """
    left = TRANSMISSION[step]
    table = [round(value * left + AIRLIGHT * (1 - left)) for value in range(256)]
    return picture.point(table * len(picture.getbands()))


def blur(picture: Picture, step: int, seed: int) -> Picture:
    """Convolution with a Gaussian of so many pixels' standard deviation, cut off at 4 of them.

    Beyond the border the outermost pixel goes on. D. Hendrycks, T. Dietterich: Benchmarking neural network
    robustness to common corruptions and perturbations, ICLR 2019 (Gaussian blur, with other strengths).
    """
    import numpy as np
    import PIL.Image
    from scipy.ndimage import gaussian_filter

    values = np.asarray(picture)
    smooth = np.empty_like(values)
    for band in range(values.shape[2]):  # one at a time, for memory
        soft = gaussian_filter(values[..., band], SIGMA[step], output=np.float32, mode="nearest")
        smooth[..., band] = np.rint(soft)
    return PIL.Image.fromarray(smooth)


def jpeg(picture: Picture, step: int, seed: int) -> Picture:
    """Written as a baseline JPEG of low quality, chroma at half the resolution, and read again.

    ITU-T T.81, 1992; the quality scales the quantisation tables as libjpeg does.
    """
    import PIL.Image

    if max(picture.size) > _LONGEST_JPEG:
        raise DataError(f"A JPEG cannot have {picture.width} x {picture.height} pixels.")
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY[step], subsampling="4:2:0")
    return PIL.Image.open(file, formats=("JPEG",)).convert("RGB")


def gsd(picture: Picture, step: int, seed: int) -> Picture:
    """The ground sampling distance times a factor: area means, then bicubic up to the size it had.

    A detector element gathers the light of its footprint (R. A. Schowengerdt: Remote sensing, 3rd ed., 2007,
    section 3.2: the detector's part of the point spread function is a box). Boxes keep their pixels; the
    sides of the small picture are rounded to whole pixels, one at least.
    """
    from PIL.Image import Resampling

    width, height = (max(round(side / FACTOR[step]), 1) for side in picture.size)
    return picture.resize((width, height), Resampling.BOX).resize(picture.size, Resampling.BICUBIC)


Disturbance: TypeAlias = Callable[["Picture", int, int], "Picture"]  # of a step from 0, and a seed
KINDS: dict[str, Disturbance] = {"speckle": speckle, "haze": haze, "blur": blur, "jpeg": jpeg, "gsd": gsd}
