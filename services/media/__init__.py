"""Files that clients send, and the pictures made of them.

Uploads lie under `uploads/` of the data folder until they are used; pictures under `media/`, named
for their content, and for good: orders show them long after a product has others.
"""

from services.media.addresses import UPLOAD_LIFETIME, is_genuine, upload_address
from services.media.errors import TooManyUploads, UnreadableUpload, UploadProblem
from services.media.files import MEDIA_FOLDER, UPLOADS_FOLDER, discard, new_upload_file
from services.media.images import StoredPicture, store_picture
from services.media.uploads import (
    MAX_BYTES,
    find_staged,
    read_pictures,
    receive,
    stage,
    sweep,
    use_uploads,
)

__all__ = [
    "MAX_BYTES",
    "MEDIA_FOLDER",
    "UPLOADS_FOLDER",
    "UPLOAD_LIFETIME",
    "StoredPicture",
    "TooManyUploads",
    "UnreadableUpload",
    "UploadProblem",
    "discard",
    "find_staged",
    "is_genuine",
    "new_upload_file",
    "read_pictures",
    "receive",
    "stage",
    "store_picture",
    "sweep",
    "upload_address",
    "use_uploads",
]
