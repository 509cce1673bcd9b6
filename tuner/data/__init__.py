"""The built-in data sets, by name: one file and one line here each."""

DATASETS = {
    "digits": "tuner.data.digits:load",
    "noisy_digits": "tuner.data.noisy_digits:load",
    "mnist": "tuner.data.mnist:load",
    "fashion_mnist": "tuner.data.fashion_mnist:load",
    "cifar10": "tuner.data.cifar10:load",
}
