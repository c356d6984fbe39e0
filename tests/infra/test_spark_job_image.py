"""The Spark job's image: what it is built from, what runs in it, and who may pull it."""

import re
from pathlib import Path
from typing import Any

import pytest
from synthesis import ROOT, Scenario, Template, monitor, registry_of, synthesize, template_of

import drift_monitor
from drift_monitor.config.transforms import TRANSFORMS
from drift_monitor.errors import DriftMonitorError
from stacks.spark import application

APPLICATION = "AWS::EMRServerless::Application"
TRIPS = monitor("trips", engine="spark")
DOCKERFILE = (ROOT / "lambda_src" / "Dockerfile.spark").read_text()


@pytest.fixture(scope="module")
def spark() -> Template:
    """Two monitors on Spark beside one that is not."""
    return template_of("spark")


def spark_image(template: Template) -> dict[str, Any]:
    (image,) = (
        each["source"]
        for each in template.images.values()
        if each["source"].get("dockerFile") == "Dockerfile.spark"
    )
    return image


def test_image_is_of_the_applications_release(spark: Template) -> None:
    release = spark.properties(APPLICATION)["ReleaseLabel"]
    assert spark_image(spark)["dockerBuildArgs"] == {"EMR_RELEASE": release}
    assert f"\nARG EMR_RELEASE={release}\n" in DOCKERFILE
    assert "FROM public.ecr.aws/emr-serverless/spark/${EMR_RELEASE}:" in DOCKERFILE


def test_image_has_the_extras_in_the_settings(spark: Template) -> None:
    release = spark.properties(APPLICATION)["ReleaseLabel"]
    template = synthesize(Scenario((TRIPS,), {"extras": ["iceberg", "delta"]}))
    assert spark_image(template)["dockerBuildArgs"] == {
        "EMR_RELEASE": release,
        "EXTRAS": "delta iceberg",
    }
    assert '\nARG EXTRAS=""\n' in DOCKERFILE


def test_image_is_built_from_what_it_has_in_it_and_nothing_else(spark: Template) -> None:
    """The function's entry point, say, makes no new image.

    CloudFormation cannot change a started application.
    """
    folder = spark.folder / spark_image(spark)["directory"]
    assert {path.name for path in folder.iterdir()} == {
        ".dockerignore",
        "Dockerfile.spark",
        "drift_monitor",
        "requirements-delta.txt",
        "requirements-iceberg.txt",
        "requirements.txt",
        "transforms",
        "unused.txt",
    }
    assert (folder / "requirements.txt").read_bytes() == (
        ROOT / "lambda_src" / "requirements.txt"
    ).read_bytes()


def test_job_is_a_file_of_the_image(spark: Template) -> None:
    (packages,) = re.findall(r"^ARG PACKAGES=(.*)$", DOCKERFILE, re.MULTILINE)
    assert "COPY drift_monitor ${PACKAGES}/drift_monitor\n" in DOCKERFILE
    job = application.JOB.removeprefix(f"local://{packages}/")
    folder = spark.folder / spark_image(spark)["directory"]
    assert (folder / job).read_bytes() == (ROOT / "lambda_src" / job).read_bytes()


def test_transforms_lie_where_a_run_looks_for_them() -> None:
    beside = TRANSFORMS.relative_to(Path(drift_monitor.__file__).parents[1])
    assert f"COPY {beside} ${{PACKAGES}}/{beside}\n" in DOCKERFILE


def test_jobs_and_their_tasks_run_the_images_python(spark: Template) -> None:
    (configuration,) = spark.properties(APPLICATION)["RuntimeConfiguration"]
    properties = configuration["Properties"]
    (root,) = re.findall(r"python3\.11 -m venv (\S+)", DOCKERFILE)
    for prefix in ("spark.emr-serverless.driverEnv", "spark.executorEnv"):
        assert properties[f"{prefix}.PYSPARK_PYTHON"] == f"{root}/bin/python"
        assert properties[f"{prefix}.AWS_DEFAULT_REGION"] == {"Ref": "AWS::Region"}
        assert properties[f"{prefix}.DO_NOT_TRACK"] == "1"


def test_image_of_the_registry_lies_beside_the_functions() -> None:
    template = synthesize(Scenario((TRIPS,), image="v1"))
    assert template.images == {}
    uri = template.properties(APPLICATION)["ImageConfiguration"]["ImageUri"]["Fn::Join"][1]
    assert uri[-1].endswith("/drift_monitoring:v1-spark")


def test_a_digest_names_one_image_and_two_are_needed() -> None:
    with pytest.raises(DriftMonitorError, match="give the tag that make image-push has pushed"):
        synthesize(Scenario((TRIPS,), image=f"sha256:{'0a' * 32}"))


@pytest.mark.parametrize("on_spark", [True, False])
def test_registry_lets_this_accounts_applications_in_where_there_are_any(*, on_spark: bool) -> None:
    scenario = Scenario((TRIPS if on_spark else monitor("trips"),), image="v1")
    statements = registry_of(scenario).properties("AWS::ECR::Repository")["RepositoryPolicyText"][
        "Statement"
    ]
    applications = [
        each
        for each in statements
        if each["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    ]
    assert len(applications) == on_spark
    for statement in applications:
        assert statement["Action"] == [
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
        ]
        assert "/applications/*" in str(statement["Condition"]["ArnLike"]["aws:SourceArn"])
