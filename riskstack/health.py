"""The health check of a container: `python -m riskstack.health URL` ends 0 on a 200."""

import sys
from http import HTTPStatus
from urllib.request import urlopen

if __name__ == "__main__":
    with urlopen(sys.argv[1], timeout=4) as answer:  # noqa: S310 - the container's own address
        sys.exit(answer.status != HTTPStatus.OK)
