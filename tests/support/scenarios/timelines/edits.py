"""Operations about edits of tweets, through the public API."""

EDIT = """mutation Edit($input: EditTweetInput!) { editTweet(input: $input) {
  tweet { id text contentWarning isSensitive editedAt createdAt } userErrors { code field message } } }"""
REVISIONS = """query Revisions($id: ID!, $first: Int! = 20, $after: String) { tweet(id: $id) {
  text contentWarning isSensitive editedAt createdAt likeCount media { id }
  entities { hashtags { tag } mentions { handle user { handle } } }
  revisions(first: $first, after: $after) {
    edges { cursor node { text contentWarning at media { id } } } pageInfo { hasNextPage hasPreviousPage endCursor } }
} }"""
FOUND = "query Found($query: String!) { searchTweets(query: $query) { edges { node { id } } } }"
