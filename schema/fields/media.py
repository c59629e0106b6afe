"""Pictures: createUpload and describeMedia."""

from datetime import datetime
from typing import Annotated

import strawberry

from datastore.media.records import MediaRecord
from resolvers.media import uploads
from resolvers.media.pictures import Picture
from resolvers.media.uploads import Target, Upload
from schema.request.context import Info
from schema.types.media import Media, decode_media_id, present_picture
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import BY_WRITE


@strawberry.input(description="The bytes of a picture that is to be uploaded.")
class UploadInput:
    content_type: str = strawberry.field(description="image/jpeg, image/png, image/webp or image/gif.")
    byte_length: int = strawberry.field(description="Number of bytes; the server's limit is 8,000,000 by default.")
    sha256: str = strawberry.field(description="SHA-256 of the bytes, in hex.")
    alt_text: str | None = strawberry.field(default=None, description="Description, up to 1,000 characters.")


@strawberry.type(description="A header of the upload's request.")
class UploadHeader:
    name: str = strawberry.field(description="Name.")
    value: str = strawberry.field(description="Value.")


@strawberry.type(description="Where the bytes go: one HTTP request, as described, until it expires.")
class UploadTarget:
    method: str = strawberry.field(description="PUT.")
    url: str = strawberry.field(description="Takes exactly the bytes that were announced, once.")
    headers: list[UploadHeader] = strawberry.field(description="Headers to send.")
    expires_at: datetime = strawberry.field(description="When it ends: 10 minutes later.")


@strawberry.type(description="Result of createUpload.")
class UploadPayload:
    media: Media | None = strawberry.field(default=None, description="The picture, WAITING for its bytes.")
    upload: UploadTarget | None = strawberry.field(default=None, description="Where the bytes go.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type(description="Result of a mutation of a picture.")
class MediaPayload:
    media: Media | None = strawberry.field(default=None, description="The picture; null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class MediaMutation:
    @strawberry.mutation(
        directives=BY_WRITE,
        description="Announces a picture and gives the target of its bytes. A moment after they have arrived it is "
        "READY: read it by node(id:). A picture that is shown nowhere is deleted after 24 hours.",
    )
    async def create_upload(
        self, info: Info, input: Annotated[UploadInput, strawberry.argument(description="The bytes.")]
    ) -> UploadPayload:
        upload = Upload(input.content_type, input.byte_length, input.sha256, input.alt_text)
        act = uploads.create_upload(info.context.services, info.context.signed_in, upload)
        return await mutation_payload(info, act, lambda made: _upload_payload(info, *made), UploadPayload)

    @strawberry.mutation(
        directives=BY_WRITE, description="Describes a picture of the viewer for those who can't see it."
    )
    async def describe_media(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The picture.")],
        alt_text: Annotated[str, strawberry.argument(description="Up to 1,000 characters; empty takes it away.")],
    ) -> MediaPayload:
        services, identity = info.context.services, info.context.signed_in
        act = uploads.describe_media(services, identity, decode_media_id(id), alt_text)
        return await mutation_payload(
            info, act, lambda picture: MediaPayload(media=present_picture(info.context.services, picture)), MediaPayload
        )


def _upload_payload(info: Info, media: MediaRecord, target: Target) -> UploadPayload:
    return UploadPayload(
        media=present_picture(info.context.services, Picture(media, is_public=False)),
        upload=UploadTarget(
            method="PUT",
            url=f"{info.context.services.served_at.url}{target.path}",
            headers=[UploadHeader(name=name, value=value) for name, value in target.headers.items()],
            expires_at=target.expires_at,
        ),
    )
