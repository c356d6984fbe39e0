"""Ranges of IP addresses that may read the site."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

# S3 treats a range with a shorter prefix as public.
_WIDEST = {4: 8, 6: 32}
# A request from these never reaches an endpoint on the internet under its own address.
_PRIVATE = [
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
        *("127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"),
    )
]


def parse_range(text: str) -> str:
    """Return a range of public addresses as AWS takes it; an address alone is a range of one.

    Raises:
        ValueError: it is no range, or a useless one.
    """
    network = _network(text)
    if network.prefixlen == 0:
        raise ValueError(f"{text} is everyone: that is access public")
    if any(_is_within(network, private) for private in _PRIVATE):
        raise ValueError(
            f"{text} is private: readers come with their network's public address, so name that"
        )
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(
            f"{text} is so wide that S3 takes it for public: name ranges of "
            f"/{_WIDEST[network.version]} at most"
        )
    return str(network)


def is_ipv6(text: str) -> bool:
    """Return whether a range is of IPv6 addresses."""
    return ip_network(text).version == 6  # noqa: PLR2004 - the version's number is its name


def ends(text: str) -> list[str]:
    """Return a range's first and last address, padded so that they sort as text."""
    network = ip_network(text)
    return [_in_full(network[0]), _in_full(network[-1])]


def _in_full(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        return address.exploded
    return ".".join(f"{part:03}" for part in address.packed)


def _is_within(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)


def _network(text: str) -> Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(
            f"{text} is not a range of addresses such as 203.0.113.0/24 or 2001:db8::/32"
        ) from error
    address = text.partition("/")[0]
    if network.network_address != ip_network(address).network_address:
        raise ValueError(f"{text} is not where its range begins: did you mean {network}?")
    return network
