"""Languages and stems, judged on real tweets and on texts written for the purpose."""
