# A session with curl alone, to be read by a shell: `. ./session.sh`. An access token that has run out is renewed.
address="${ROOKERY_URL:-http://127.0.0.1:8000}/graphql"
tokens='tokens { accessToken refreshToken } userErrors { message }'
access_token=''

# sign_in LOGIN PASSWORD
sign_in() {
  keep "$(post 'mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) { '"$tokens"' } }' \
    "{\"login\": $(text "$1"), \"password\": $(text "$2")}")"
}

# ask DOCUMENT VARIABLES: puts the answer into $answer. Not to be called in a subshell, which would take new tokens with it.
ask() {
  answer=$(post "$@")
  case $answer in
    *'"UNAUTHENTICATED"'*) renew && answer=$(post "$@") ;;
  esac
}

# events DOCUMENT VARIABLES: prints server-sent events until the connection is lost or the token has run out
events() {
  post "$@" --no-buffer --header 'accept: text/event-stream'
}

# A refresh token serves once: the one that comes with the new access token takes its place.
renew() {
  old=$access_token access_token=''
  renewed=$(post 'mutation($token: String!) { refreshTokens(refreshToken: $token) { '"$tokens"' } }' "{\"token\": \"$refresh_token\"}") ||
    { access_token=$old; return 1; }
  keep "$renewed"
}

# A line as a string of JSON.
text() {
  printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

# The last value of a field in the lines of standard input, where it is a string.
field() {
  sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p"
}

# The end of the program where there are no tokens.
keep() {
  access_token=$(printf '%s\n' "$1" | field accessToken)
  refresh_token=$(printf '%s\n' "$1" | field refreshToken)
  [ -n "$access_token" ] || { printf '%s\n' "$1" >&2; exit 1; }
}

# post DOCUMENT VARIABLES [OPTION ...]
post() {
  body="{\"query\": \"$1\", \"variables\": $2}"
  shift 2
  curl --silent --show-error --fail-with-body "$address" --data "$body" --header 'content-type: application/json' \
    ${access_token:+--header "authorization: Bearer $access_token"} "$@"
}
