"""Redis Cluster URLs: parsing, refusals, and URLs of single nodes."""

from core.network.redis_cluster_url import Address, is_cluster_url, parse_cluster_url


def test_a_url_names_nodes_in_order() -> None:
    url = parse_cluster_url("redis+cluster://one:1,[::1]:2,127.0.0.1:65535")

    assert url.nodes == [Address("one", 1), Address("::1", 2), Address("127.0.0.1", 65535)]
    assert [url.of_node(node) for node in url.nodes] == ["redis://one:1", "redis://[::1]:2", "redis://127.0.0.1:65535"]


def test_credentials_and_encryption_are_those_of_every_node() -> None:
    url = parse_cluster_url("rediss+cluster://us%40er:p%3Ass@one:1,two:2/")

    assert (url.user, url.password) == ("us@er", "p:ss")
    assert url.of_node(Address("three", 3)) == "rediss://us%40er:p%3Ass@three:3"


def test_one_server_is_no_cluster() -> None:
    assert not is_cluster_url("redis://one:1")
    assert is_cluster_url("redis+cluster://one:1")
