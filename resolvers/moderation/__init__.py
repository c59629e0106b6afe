"""Reports, decisions and appeals; roles and marks of people; the review of campaigns and sign-ups."""
