#!/bin/sh
# Signs in, tweets, reads the home timeline, and follows it live till Ctrl-C, with curl alone.
#   ROOKERY_URL=http://127.0.0.1:8000 ROOKERY_LOGIN=demo ROOKERY_PASSWORD=rookery-demo sh home.sh "Hello, rooks!"
set -eu
. "$(dirname "$0")/session.sh"

sign_in "$ROOKERY_LOGIN" "$ROOKERY_PASSWORD"

post='mutation($text: String!) { postTweet(input: {text: $text}) { tweet { id text } userErrors { message } } }'
ask "$post" "{\"text\": $(text "$1")}"
printf '%s\n' "$answer"

home='{ homeTimeline(first: 20) { headCursor edges { node { __typename ... on Tweet { text author { handle } } ... on Retweet { tweet { text } } ... on PromotedTweet { tweet { text } } } } } }'
ask "$home" '{}'
page=$answer
printf '%s\n' "$page"

follow='subscription($after: String) { homeTimelineEvents(after: $after) { __typename ... on StreamEvent { cursor } ... on TimelineItemAdded { edge { node { __typename ... on Tweet { text } ... on Retweet { tweet { text } } } } } } }'
after=$(printf '%s\n' "$page" | field headCursor)
exec 3>&1
while :; do
  # Events go to standard output; the last cursor is kept.
  after=$(events "$follow" "{\"after\": \"$after\"}" | {
    while read -r line; do
      printf '%s\n' "$line" >&3
      found=$(printf '%s\n' "$line" | field cursor)
      after=${found:-$after}
    done
    printf '%s' "$after"
  })
  until renew; do sleep 1; done
done
