"""The whole service while processes are killed and stores broken."""
