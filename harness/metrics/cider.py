"""CIDEr and CIDEr-D: how close a caption's n-grams are to its references', rare ones weighing most."""

from __future__ import annotations

import numpy as np

from .corpus import Corpus
from .ngrams import ORDERS, Floats, Grams, Ints, places

SIGMA = 6.0  # words; CIDEr-D's tolerance to another length
SCALE = 10.0  # both public scripts multiply by ten


def cider(corpus: Corpus) -> tuple[Floats, Floats]:
    """CIDEr-D and CIDEr of every image, each (images,), between 0 and 10.

    Vectors of term count times log(images / images whose references have the n-gram), for n from 1 to 4;
    n-grams of no reference count as in one image. CIDEr is the mean of the cosines over orders and references
    (R. Vedantam et al., CIDEr, CVPR 2015, equations 1 to 3, without its stemming, as in the authors' script),
    and CIDEr-D also cuts the caption's terms off at the reference's and multiplies by exp(-d^2 / 2 sigma^2),
    d being the difference in length, counted in pairs of words as the scripts count it (same paper).
    Document frequencies are those of `corpus`: of one image, log(1) = 0 makes everything 0.
    """
    pairs = np.zeros((2, len(corpus.image)))  # CIDEr-D and CIDEr of a caption and one reference, over orders
    spread = _spread(corpus)
    for order in range(1, ORDERS + 1):
        clipped, plain = _cosines(corpus, order)
        pairs[0] += clipped * spread
        pairs[1] += plain
    references = np.maximum(np.bincount(corpus.image, minlength=corpus.images), 1)
    clipped_mean, plain_mean = (
        np.bincount(corpus.image, values, corpus.images) / ORDERS / references * SCALE for values in pairs
    )
    return clipped_mean, plain_mean


def _cosines(corpus: Corpus, order: int) -> tuple[Floats, Floats]:
    """Of every reference and its image's caption at one order: the cosine with clipped terms, and without."""
    said, true = corpus.split(order)
    rarity = _rarity(corpus, true)
    said_weight, true_weight = said.count * rarity[said.gram], true.count * rarity[true.gram]
    said_norm = np.sqrt(np.bincount(said.sentence, said_weight**2, corpus.images))
    true_norm = np.sqrt(np.bincount(true.sentence, true_weight**2, len(corpus.image)))
    there, place = places(
        corpus.image[true.sentence] * max(true.kinds, 1) + true.gram,
        said.sentence * max(said.kinds, 1) + said.gram,
    )
    reference, of_true, of_said = true.sentence[there], true_weight[there], said_weight[place[there]]
    norm = said_norm[corpus.image] * true_norm
    norm[norm == 0] = 1  # all terms are 0 then, and so are the products
    clipped = np.bincount(reference, np.minimum(of_said, of_true) * of_true, len(norm)) / norm
    plain = np.bincount(reference, of_said * of_true, len(norm)) / norm
    return clipped, plain


def _rarity(corpus: Corpus, true: Grams) -> Floats:
    """Inverse document frequency of every n-gram of an order, natural logarithm."""
    held: Ints = np.unique(corpus.image[true.sentence] * max(true.kinds, 1) + true.gram)
    documents = np.bincount(held % max(true.kinds, 1), minlength=true.kinds)
    rarity: Floats = np.log(max(corpus.images, 1)) - np.log(np.maximum(documents, 1))
    return rarity


def _spread(corpus: Corpus) -> Floats:
    pairs = np.maximum(corpus.words - 1, 0)
    apart = pairs[corpus.image] - pairs[corpus.images :]
    spread: Floats = np.exp(-(apart.astype(float) ** 2) / (2 * SIGMA**2))
    return spread
