// The way of a picture to the server: announced, sent with progress, described, and waited for.
import { CREATE_UPLOAD, DESCRIBE_MEDIA, MEDIA_STATE } from '../api/documents/media.js';
import { ApiError } from '../api/errors.js';

const ASK_MS = 400;

/** Resolves to the id once all bytes have arrived; `begun` gets the request, which may be aborted. */
export async function upload(api, file, begun, onProgress) {
  const bytes = await file.arrayBuffer();
  const input = { contentType: file.type, byteLength: bytes.byteLength, sha256: await digest(bytes) };
  const { media, upload: target } = await api.act(CREATE_UPLOAD, { input });
  await put(target, bytes, begun, onProgress);
  return media.id;
}

export async function describe(api, id, altText) {
  await api.act(DESCRIBE_MEDIA, { id, altText });
}

/** Resolves once the picture is READY; rejects with its sentence where it FAILED. */
export async function untilReady(api, id) {
  for (;;) {
    const { node } = await api.ask(MEDIA_STATE, { id });
    if (node?.state === 'READY') return;
    if (node?.state === 'FAILED') throw new ApiError('BAD_USER_INPUT', node.failure);
    await new Promise((resolve) => { setTimeout(resolve, ASK_MS); });
  }
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

// fetch tells nothing of how far a body is.
function put({ method, url, headers }, bytes, begun, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    begun(request);
    request.open(method, new URL(url, location.href));
    for (const { name, value } of headers) if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => (request.status < 300 ? resolve() : reject(new ApiError('BAD_USER_INPUT', reasonOf(request))));
    request.onerror = () => reject(new ApiError('NETWORK', 'upload'));
    request.onabort = () => reject(new ApiError('NETWORK', 'aborted'));
    request.send(bytes);
  });
}

function reasonOf(request) {
  try {
    return JSON.parse(request.responseText).error;
  } catch {
    return request.statusText;
  }
}
