"""`python -m bench.serve module:app`: one web process on 127.0.0.1, at the port that PORT names.

With the same options as deploy/server.py.
"""

import os
import sys

import uvicorn

if __name__ == "__main__":
    uvicorn.run(
        sys.argv[1],
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
    )
