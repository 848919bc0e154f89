/** Imported by an agent's Python before its own code; does what the preload for Node does. */
const listen = `import importlib.machinery
import importlib.util
import os
import socket
import sys

# a child of the agent may have been given another environment
CONTRACT_PORT, OWN_PORT = (int(port) for port in os.environ.get("AGENTCORE_LOCAL_LISTEN", "-1:-1").split(":"))
WILDCARDS = (None, "", "0.0.0.0", "::")


def map_port(port):
    return OWN_PORT if port == CONTRACT_PORT else port


original_bind = socket.socket.bind


def bind(self, address):
    # port 0 is how clients bind, and they have to reach further than the loopback interface
    if self.family in (socket.AF_INET, socket.AF_INET6) and self.type == socket.SOCK_STREAM and address[1] != 0:
        host, port, *rest = address
        if host in WILDCARDS:
            host = "127.0.0.1"
            if self.family == socket.AF_INET6:
                only6 = self.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
                host = "::1" if only6 else "::ffff:127.0.0.1"
        address = (host, map_port(port), *rest)
    return original_bind(self, address)


socket.socket.bind = bind


class UvloopFinder:
    """uvloop binds below Python's sockets, so its event loop is told where to listen when it is imported."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "uvloop":
            return None
        sys.meta_path.remove(UvloopFinder)
        spec = importlib.util.find_spec(name)
        if spec is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            create_server = module.Loop.create_server

            def mapped(self, protocol_factory, host=None, port=None, **options):
                if port is not None:
                    host = "127.0.0.1" if host in WILDCARDS else host
                    port = map_port(port)
                return create_server(self, protocol_factory, host, port, **options)

            module.Loop.create_server = mapped

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, UvloopFinder)


def import_shadowed(name, own_file):
    """Runs the customization of this name that ours hides from Python."""
    own_directory = os.path.dirname(os.path.abspath(own_file))
    others = [entry for entry in sys.path if os.path.abspath(entry) != own_directory]
    spec = importlib.machinery.PathFinder.find_spec(name, others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
`;

const customization = (name: string) => `import agentcore_local_listen

agentcore_local_listen.import_shadowed("${name}", __file__)
`;

export const PYTHON_PRELOAD = {
  listen,
  sitecustomize: customization('sitecustomize'),
  usercustomize: customization('usercustomize'),
};
