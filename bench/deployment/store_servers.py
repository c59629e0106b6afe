"""The stores of a cluster on this machine, each started with its configuration file from docker/."""

from pathlib import Path

from datastore.embedded.programs import Program
from datastore.embedded.servers import MongoServer, ValkeyServer
from datastore.embedded.stores import free_port

CONFIGURATION = Path(__file__).resolve().parents[2] / "docker"


def cluster_node(program: Program, folder: Path, *options: str) -> ValkeyServer:
    """A node on free ports, with more options than its file has; the cluster has to be formed once all nodes run."""
    bus = ("--cluster-port", str(free_port()))
    return ValkeyServer(program, folder, free_port(), (str(CONFIGURATION / "redis" / "cluster.conf"), *bus, *options))


def jobs_redis(program: Program, folder: Path) -> ValkeyServer:
    return ValkeyServer(program, folder, free_port(), (str(CONFIGURATION / "redis" / "jobs.conf"),))


def replica_set_member(program: Program, folder: Path) -> MongoServer:
    """A member of a set that has to be initiated once all members run."""
    options = ("--config", str(CONFIGURATION / "mongo" / "mongod.conf"), "--quiet")
    return MongoServer(program, folder, free_port(), options, is_alone=False)
