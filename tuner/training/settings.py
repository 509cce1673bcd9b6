"""How a model is trained."""

from pydantic import Field

from tuner.schema import Table


class TrainingSettings(Table):
    """Epochs and steps; `batch_size`, `optimizer`, `learning_rate` can be searched."""

    epochs: int = Field(20, ge=1)
    batch_size: int = Field(128, ge=1)
    optimizer: str = "adam"
    learning_rate: float = Field(1e-3, gt=0, allow_inf_nan=False)
