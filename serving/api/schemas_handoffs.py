"""What the call about handovers takes and gives."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from serving.figures.handoffs import HandoffKind
from serving.schemas import Moment

Id = Annotated[str, Field(pattern="^[0-9A-Za-z-]{1,36}$")]


class HandoffRequest(BaseModel):
    """What a person of the team did with a conversation that was handed over."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "conversation_id": "019aa…",
                    "event": "taken",
                    "at": "2026-11-24T12:00:00Z",
                }
            ]
        },
    )

    conversation_id: Id | None = Field(
        None, description="As the decision has it; or tell `decision_id`."
    )
    decision_id: Id | None = Field(
        None, description="A decision of the conversation, the one that escalated."
    )
    event: HandoffKind = Field(
        description="`taken`: somebody looks after it now. `closed`: it is done. "
        "Either ends the wait."
    )
    at: Moment = Field(
        description="When, by the inbox's clock. The same event of the same moment "
        "again is recorded once: after an error send it again."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.conversation_id is None) == (self.decision_id is None):
            raise ValueError("expected one of `conversation_id` and `decision_id`")
        return self


class HandoffOut(BaseModel):
    """What became of it."""

    conversation_id: str
    recorded: bool = Field(description="False where it was on record before.")
    waiting_since: datetime | None = Field(
        description="Since when the conversation waits for a person all the same, "
        "because it was handed over again after `at`; null where it does not wait."
    )
