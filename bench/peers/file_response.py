"""Files of a folder as Starlette serves them: FileResponse alone. Environment: FOLDER."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Route

FOLDER = Path(os.environ["FOLDER"])


async def show(request):
    return FileResponse(FOLDER / request.path_params["path"], media_type="image/webp")


app = Starlette(routes=[Route("/media/{path:path}", show)])
