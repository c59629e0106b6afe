"""Jobs: the outboxes of jobs and mails in MongoDB, the queues in Redis, locks and worker ids."""
