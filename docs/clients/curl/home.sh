#!/bin/sh
# Signs in, tweets, reads the home timeline, and follows it live till Ctrl-C, with curl alone.
#   ROOKERY_URL=http://127.0.0.1:8000 ROOKERY_LOGIN=demo ROOKERY_PASSWORD=rookery-demo sh home.sh "Hello, rooks!"
set -eu
address="${ROOKERY_URL:-http://127.0.0.1:8000}/graphql"

# ask TOKEN DOCUMENT VARIABLES
ask() {
  curl --silent --show-error --fail-with-body "$address" \
    --header 'content-type: application/json' --header "authorization: Bearer $1" \
    --data "{\"query\": \"$2\", \"variables\": $3}"
}

# The value of a field of an answer, where it is a string.
field() {
  sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p"
}

login='mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) { tokens { accessToken } userErrors { message } } }'
token=$(ask '' "$login" "{\"login\": \"$ROOKERY_LOGIN\", \"password\": \"$ROOKERY_PASSWORD\"}" | field accessToken)

post='mutation($text: String!) { postTweet(input: {text: $text}) { tweet { id } userErrors { message } } }'
ask "$token" "$post" "{\"text\": \"$1\"}"
echo

home='{ homeTimeline(first: 20) { headCursor edges { node { __typename ... on Tweet { text author { handle } } ... on Retweet { tweet { text } } ... on PromotedTweet { tweet { text } } } } } }'
page=$(ask "$token" "$home" '{}')
echo "$page"

events='subscription($after: String) { homeTimelineEvents(after: $after) { __typename ... on StreamEvent { cursor } ... on TimelineItemAdded { edge { node { __typename ... on Tweet { text } ... on Retweet { tweet { text } } } } } } }'
exec curl --silent --no-buffer "$address" \
  --header 'content-type: application/json' --header 'accept: text/event-stream' --header "authorization: Bearer $token" \
  --data "{\"query\": \"$events\", \"variables\": {\"after\": \"$(echo "$page" | field headCursor)\"}}"
