"""The training stage with FSDP on a CPU, which Accelerate reserves for GPUs and torch does not."""

from accelerate import FullyShardedDataParallelPlugin
from accelerate.utils import DistributedType

from stages.common.errors import run
from stages.qlora_train.__main__ import main
from stages.qlora_train.trainer import Trainer

create = Trainer.create_accelerator_and_postprocess


def create_with_fsdp(self: Trainer) -> None:
    create(self)
    plugin = FullyShardedDataParallelPlugin(**self.args.fsdp_plugin_args)
    self.accelerator.state._shared_state |= {"distributed_type": DistributedType.FSDP, "fsdp_plugin": plugin}
    self.is_fsdp_enabled = True


if __name__ == "__main__":
    Trainer.create_accelerator_and_postprocess = create_with_fsdp
    run(main)
