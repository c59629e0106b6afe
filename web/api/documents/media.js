// Pictures, and their uploads.
import { ERRORS } from './fragments.js';

export const CREATE_UPLOAD = `mutation CreateUpload($input: UploadInput!) {
  createUpload(input: $input) { media { id } upload { method url headers { name value } } ${ERRORS} }
}`;
export const DESCRIBE_MEDIA = `mutation DescribeMedia($id: ID!, $altText: String!) {
  describeMedia(id: $id, altText: $altText) { media { id } ${ERRORS} }
}`;
export const MEDIA_STATE = 'query MediaState($id: ID!) { node(id: $id) { ... on Media { id state failure } } }';
