"""The deployment's settings: what is taken, and what is said of mistakes."""

import re

import pytest

from drift_monitor.errors import DriftMonitorError
from stacks.settings import LOG_RETENTION, DeploymentSettings, read_image, read_settings


def mistakes(context: object) -> list[str]:
    with pytest.raises(DriftMonitorError) as found:
        read_settings(context)
    return str(found.value).splitlines()


def test_everything_has_a_default() -> None:
    assert read_settings({"dev": {}}) == {"dev": DeploymentSettings()}


def test_environments_come_in_the_order_of_their_names() -> None:
    assert list(read_settings({"prod": {}, "dev": {}})) == ["dev", "prod"]


@pytest.mark.parametrize("context", [None, {}, [], "dev"])
def test_no_environment_is_a_mistake_with_an_example(context: object) -> None:
    (mistake,) = mistakes(context)
    assert '{"dev": {}}' in mistake


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"memory_md": 1024}, "drift-monitor.dev.memory_md: is not a setting; did you mean memory"),
        ({"zzz": 1}, "drift-monitor.dev.zzz: is not a setting; known: monitors, emails, access"),
        (
            {"access": "private"},
            "drift-monitor.dev.access: should be 'public', 'allowlist' or 'cloudfront'",
        ),
        ({"memory_mb": 256}, "drift-monitor.dev.memory_mb: should be greater than or equal to 512"),
        ({"ephemeral_storage_mb": 20_000}, "should be less than or equal to 10240"),
        ({"report_retention_days": 0}, "should be greater than or equal to 1"),
        ({"log_retention_days": 100}, "no logs for 100 days; the nearest it has is 90"),
        ({"on_destroy": "keep"}, "should be 'retain' or 'destroy'"),
        ({"architecture": "arm"}, "should be 'x86_64' or 'arm64'"),
        ({"emails": ["me"]}, "drift-monitor.dev.emails.0: me is not an email address"),
        ({"data_key_arns": ["alias/my-key"]}, "alias/my-key is not a KMS key's ARN"),
        ({"runbook_url": "http://example.com/runbook"}, "begins with https://"),
        ({"runbook_url": "https://example.com/runbook#failed-runs"}, "has no #section"),
        ({"runbook_url": "https://example.com/a) [b](c"}, "is not an address"),
        ({"spark_worker_memory_gb": 7}, "no worker of 7 GB; the nearest it has is 8"),
        ({"spark_worker_memory_gb": 35}, "no worker of 35 GB; the nearest it has is 36"),
        ({"spark_worker_memory_gb": 240}, "no worker of 240 GB; the nearest it has is 120"),
        ("public", "drift-monitor.dev: should be a mapping"),
    ],
)
def test_mistake_is_one_sentence_that_names_its_place(settings: object, expected: str) -> None:
    (mistake,) = mistakes({"dev": settings})
    assert mistake.startswith("cdk.json: drift-monitor.dev")
    assert expected in mistake


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"access": "allowlist"},
            (
                ": access allowlist lets nobody in: name ranges under allow_ips, such as "
                "203.0.113.0/24"
            ),
        ),
        (
            {"access": "cloudfront"},
            (
                ": access cloudfront does not say who may read: name ranges under allow_ips, set "
                "password to true, or both"
            ),
        ),
        (
            {"allow_ips": ["203.0.113.0/24"]},
            ": allow_ips needs access allowlist or cloudfront; it is public",
        ),
        (
            {"access": "allowlist", "allow_ips": ["203.0.113.0/24"], "password": True},
            ": password needs access cloudfront; it is allowlist",
        ),
        ({"domain": "drift.example.com"}, ": domain needs access cloudfront; it is public"),
        (
            {"access": "cloudfront", "password": True, "domain": "drift.example.com"},
            ": domain and certificate_arn go together: one of them is missing",
        ),
        (
            {"access": "cloudfront", "password": True, "domain": "https://drift.example.com"},
            (
                ".domain: https://drift.example.com is not a domain such as drift.example.com, in "
                "lower case"
            ),
        ),
        (
            {
                "access": "cloudfront",
                "password": True,
                "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/1234",
            },
            (
                ".certificate_arn: arn:aws:acm:eu-west-1:111122223333:certificate/1234 is not a "
                "certificate that CloudFront can use: "
                "arn:aws:acm:us-east-1:ACCOUNT:certificate/ID, in us-east-1 whatever the stack's "
                "region"
            ),
        ),
        ({"allow_ips": "203.0.113.0/24"}, ".allow_ips: should be a valid list"),
        (
            {"access": "allowlist", "allow_ips": [f"203.0.113.{n}" for n in range(51)]},
            ".allow_ips: List should have at most 50 items after validation, not 51",
        ),
    ],
)
def test_who_may_read_has_to_be_said_in_full(settings: object, expected: str) -> None:
    assert mistakes({"dev": settings}) == [f"cdk.json: drift-monitor.dev{expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("office", "office is not a range of addresses such as 203.0.113.0/24 or 2001:db8::/32"),
        ("203.0.113.0/33", "203.0.113.0/33 is not a range of addresses such as"),
        ("203.0.113", "203.0.113 is not a range of addresses such as"),
        ("", " is not a range of addresses such as"),
        ("203.0.113.9/24", "is not where its range begins: did you mean 203.0.113.0/24?"),
        ("2001:db8::1/32", "is not where its range begins: did you mean 2001:db8::/32?"),
        ("0.0.0.0/0", "0.0.0.0/0 is everyone: that is access public"),
        ("::/0", "::/0 is everyone: that is access public"),
        ("0.0.0.0/1", "so wide that S3 takes it for public: name ranges of /8 at most"),
        ("2000::/31", "so wide that S3 takes it for public: name ranges of /32 at most"),
        ("10.0.0.0/8", "10.0.0.0/8 is private: readers come with their network's public address"),
        ("192.168.1.7", "192.168.1.7 is private"),
        ("172.16.0.0/12", "172.16.0.0/12 is private"),
        ("100.64.0.0/10", "100.64.0.0/10 is private"),
        ("fd00::/8", "fd00::/8 is private"),
    ],
)
def test_range_that_lets_in_nobody_or_everybody_is_one_sentence(text: str, expected: str) -> None:
    (mistake,) = mistakes({"dev": {"access": "allowlist", "allow_ips": ["9.9.9.9", text]}})
    assert mistake.startswith("cdk.json: drift-monitor.dev.allow_ips.1: ")
    assert expected in mistake


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:0DB8:0:0::/32", "2001:db8::/32"),
        ("2001:db8::7", "2001:db8::7/128"),
        ("172.0.0.0/8", "172.0.0.0/8"),
        ("9.0.0.0/8", "9.0.0.0/8"),
    ],
)
def test_range_is_written_as_aws_takes_it(text: str, read: str) -> None:
    settings = DeploymentSettings.model_validate({"access": "allowlist", "allow_ips": [text]})
    assert settings.allow_ips == [read]


@pytest.mark.parametrize(
    ("vcpu", "least", "most", "step"), [(4, 8, 30, 1), (8, 32, 60, 4), (16, 64, 120, 8)]
)
def test_workers_are_of_the_sizes_that_emr_serverless_has(
    vcpu: int, least: int, most: int, step: int
) -> None:
    for memory_gb in range(least, most + 1, step):
        settings = {"spark_maximum_vcpu": 400, "spark_worker_memory_gb": memory_gb}
        assert read_settings({"dev": settings})["dev"].spark_worker.vcpu == vcpu


@pytest.mark.parametrize(
    ("maximum", "memory_gb", "vcpu", "more", "less"), [(16, 120, 16, 20, 60), (8, 32, 8, 12, 30)]
)
def test_worker_without_room_beside_the_driver_is_one_sentence_with_both_ways_out(
    maximum: int, memory_gb: int, vcpu: int, more: int, less: int
) -> None:
    settings = {"spark_maximum_vcpu": maximum, "spark_worker_memory_gb": memory_gb}
    (mistake,) = mistakes({"dev": settings})
    assert mistake == (
        f"cdk.json: drift-monitor.dev: spark_maximum_vcpu {maximum} has no room for a worker of "
        f"spark_worker_memory_gb {memory_gb}, which has {vcpu} vCPU beside the driver's 4: raise "
        f"the first to {more}, or lower the second to {less}"
    )
    for way_out in ({"spark_maximum_vcpu": more}, {"spark_worker_memory_gb": less}):
        assert read_settings({"dev": settings | way_out})["dev"].spark_workers == 1


@pytest.mark.parametrize("name", ["", "Dev", "1st", "a_b", "a" * 33])
def test_environment_becomes_part_of_a_stacks_name(name: str) -> None:
    (mistake,) = mistakes({name: {}})
    assert "lower-case letters, digits and hyphens" in mistake


def test_environment_cannot_take_the_name_of_the_images_stack() -> None:
    assert mistakes({"registry": {}, "dev": {}}) == [
        "cdk.json: drift-monitor.registry: this name is the images' own: choose another one"
    ]


@pytest.mark.parametrize(
    "image", ["v1", "2026-11-23_1.0", "_", "a" * 128, f"sha256:{'0a' * 32}", None]
)
def test_image_is_a_tag_or_a_digest_or_built(image: str | None) -> None:
    assert read_image(image) == image


@pytest.mark.parametrize(
    "image",
    [
        *("", "-v1", ".v1", "v 1", "v1\n", "a" * 129, "sha256:0a", f"sha256:{'0A' * 32}"),
        *("drift_monitoring:v1", f"drift_monitoring@sha256:{'0a' * 32}", 1, True, ["v1"]),
    ],
)
def test_other_image_is_one_sentence_that_says_what_to_give(image: object) -> None:
    with pytest.raises(DriftMonitorError) as found:
        read_image(image)
    assert str(found.value) == (
        f"image: {image!r} is no image of the registry: give its tag (such as v1) or its digest "
        "(sha256: and 64 hexadecimal digits) alone, without the repository's address"
    )


def test_all_mistakes_are_said_at_once() -> None:
    assert len(mistakes({"dev": {"memory_mb": 1, "emials": []}, "prod": {"emails": ["x"]}})) == 3


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        DeploymentSettings().memory_mb = 512  # type: ignore[misc]


def test_log_retention_agrees_with_the_cdk() -> None:
    # The CDK names them in words: as a check, count the days of those.
    days = {"DAY": 1, "DAYS": 1, "WEEK": 7, "WEEKS": 7, "MONTH": 30.5, "MONTHS": 30.5}
    days |= {"YEAR": 365.3, "YEARS": 365.3}
    numbers = ["ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN"]
    counts = {word: number for number, word in enumerate(numbers, start=1)}
    counts |= {"THIRTEEN": 13, "EIGHTEEN": 18}
    for given, named in LOG_RETENTION.items():
        count, unit = named.name.split("_")
        assert given == pytest.approx(counts[count] * days[unit], rel=0.02)


def test_each_setting_says_what_it_is() -> None:
    for name, field in DeploymentSettings.model_fields.items():
        assert field.description, name
        assert re.match(r"[A-Z]", field.description), name
