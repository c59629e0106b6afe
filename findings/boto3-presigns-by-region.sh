#!/usr/bin/env bash
# boto3 1.44.8: an address is presigned by signature version 2 in some regions, and by version 4 in others, at one
# endpoint.
#
# Seen: with an endpoint of one's own and no signature_version, generate_presigned_url of the same object signs by
# version 4 for eu-central-1, and by version 2, which S3 takes from old buckets only and many servers refuse, for us-
# east-1 and us-west-2. signature_version="s3v4" makes all alike.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

import boto3
from botocore.config import Config

REGIONS = ["us-east-1", "us-west-2", "eu-central-1"]


def signed(region, signature_version):
    client = boto3.client(
        "s3",
        endpoint_url="https://storage.example.org",
        region_name=region,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(signature_version=signature_version),
    )
    address = client.generate_presigned_url("get_object", Params={"Bucket": "pictures", "Key": "file"})
    return 4 if "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address else 2 if "AWSAccessKeyId=" in address else None


seen = {region: (signed(region, None), signed(region, "s3v4")) for region in REGIONS}
print(f"boto3 {version('boto3')}")
for region, (usual, told) in seen.items():
    print(f"{region}: version {usual}, as told {told}")
if seen == {"us-east-1": (2, 4), "us-west-2": (2, 4), "eu-central-1": (4, 4)}:
    print("as found: the region decides on the signature")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
