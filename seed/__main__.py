"""The commands of seed.

`create` makes what is missing on AWS, `training` writes a training job's input, `demo` sends
sample applications through every channel.
"""

import argparse
import os
import sys
from pathlib import Path

from riskstack.emulator.cloudformation import create
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from seed import dataset, training


def main() -> int:
    """Run one command; give its exit status."""
    parser = argparse.ArgumentParser(prog="seed", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("create", help="create what deploy/data.yaml declares, where missing")
    write = commands.add_parser("training", help="write the input of a training job")
    write.add_argument("folder", type=Path, help="the folder that stands for /opt/ml/input")
    show = commands.add_parser("demo", help="send sample applications and follow them")
    show.add_argument("file", type=Path, help="where to write the results")
    arguments = parser.parse_args()
    if arguments.command == "training":
        training.write_input(arguments.folder, dataset.rows())
        return 0
    if arguments.command == "demo":
        # its packages are no part of the image that creates resources
        from seed import client, demo  # noqa: PLC0415

        return demo.run(client.Address.from_environment(os.environ), arguments.file)
    pseudo = pseudo_parameters(os.environ["AWS_DEFAULT_REGION"], os.environ["AWS_ACCOUNT_ID"])
    data = Template.read(Path("deploy/data.yaml"))
    for line in create(data, Resolver(data, ExistingResources(pseudo), pseudo)):
        print(line)  # noqa: T201 - the command's output
    return 0


if __name__ == "__main__":
    sys.exit(main())
