"""The site behind CloudFront: HTTPS, a private bucket, and a function that checks readers."""

import json
from pathlib import Path

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.common.ip_ranges import ends, is_ipv6
from stacks.common.nag import acknowledge
from stacks.settings import DeploymentSettings

_VIEWER_REQUEST = Path(__file__).with_name("viewer_request.js")
# A missing page may be published at any time.
_ERROR_TTL = Duration.seconds(10)
_MINIMUM_TLS = cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021
# Pages have their own, stricter policy. This is for files without one, and for frame-ancestors,
# which works only in a header. Evidently's page needs inline scripts and styles.
_CONTENT_SECURITY_POLICY = (
    "default-src 'self' 'unsafe-inline' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def viewer_request(settings: DeploymentSettings) -> str:
    """Return the code that CloudFront runs for each request, with the access settings filled in."""
    access = {
        "ranges": [ends(each) for each in settings.allow_ips] or None,
        "password": settings.password,
    }
    return _VIEWER_REQUEST.read_text().replace(
        "const ACCESS = null;", f"const ACCESS = {json.dumps(access)};"
    )


def _error_responses() -> list[cloudfront.ErrorResponse]:
    """Return the error page for missing files, for which S3 answers 403 without list permission."""
    return [
        cloudfront.ErrorResponse(
            http_status=status,
            response_http_status=404,
            response_page_path="/error.html",
            ttl=_ERROR_TTL,
        )
        for status in (403, 404)
    ]


class CloudFrontSite(Construct):
    """The distribution, its function, and its logs.

    Attributes:
        distribution: serves the site.
        credential: the store of the hash of user and password; None without a password.
        url: the site's address.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.Bucket,
        settings: DeploymentSettings,
    ) -> None:
        """Create the distribution, which alone may read the bucket."""
        super().__init__(scope, construct_id)
        # Names in CloudFront are unique per account, not per region.
        self._name = f"{Stack.of(self).stack_name}-{Aws.REGION}"
        self.credential = (
            cloudfront.KeyValueStore(self, "Credential", key_value_store_name=self._name)
            if settings.password
            else None
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{Stack.of(self).stack_name}: drift reports",
            default_behavior=self._behavior(bucket, settings),
            error_responses=_error_responses(),
            certificate=self._certificate(settings),
            domain_names=[settings.domain] if settings.domain else None,
            minimum_protocol_version=_MINIMUM_TLS if settings.domain else None,
            # Readers with both kinds of address would connect by IPv6 and be refused.
            enable_ipv6=not settings.allow_ips or any(map(is_ipv6, settings.allow_ips)),
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            log_bucket=self._log_bucket(settings),
        )
        self.url = f"https://{settings.domain or self.distribution.distribution_domain_name}"
        self._acknowledge(settings)

    def _behavior(
        self, bucket: s3.Bucket, settings: DeploymentSettings
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(
                bucket,
                origin_access_control=cloudfront.S3OriginAccessControl(
                    self, "OriginAccess", origin_access_control_name=self._name
                ),
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            compress=True,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=self._function(settings),
                )
            ],
            origin_request_policy=None if settings.domain else self._tls_version(),
            response_headers_policy=self._security_headers(),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )

    def _function(self, settings: DeploymentSettings) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            "ViewerRequest",
            comment="Who may read; index.html in folders",
            code=cloudfront.FunctionCode.from_inline(viewer_request(settings)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            key_value_store=self.credential,
        )

    def _tls_version(self) -> cloudfront.OriginRequestPolicy:
        """Return the policy that passes the reader's TLS version to the function."""
        return cloudfront.OriginRequestPolicy(
            self,
            "TlsVersion",
            origin_request_policy_name=self._name,
            header_behavior=cloudfront.OriginRequestHeaderBehavior.allow_list(
                "CloudFront-Viewer-TLS"
            ),
        )

    def _security_headers(self) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "SecurityHeaders",
            response_headers_policy_name=self._name,
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=_CONTENT_SECURITY_POLICY, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
                ),
                # Not for subdomains: the site's own domain may have others below it.
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365), override=True
                ),
            ),
        )

    def _certificate(self, settings: DeploymentSettings) -> acm.ICertificate | None:
        if settings.certificate_arn is None:
            return None
        return acm.Certificate.from_certificate_arn(self, "Certificate", settings.certificate_arn)

    def _log_bucket(self, settings: DeploymentSettings) -> s3.Bucket:
        """Create the bucket that CloudFront writes its logs to, which needs ACLs."""
        destroy = settings.on_destroy == "destroy"
        bucket = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="ExpireLogs", expiration=Duration.days(settings.log_retention_days)
                )
            ],
            removal_policy=RemovalPolicy.DESTROY if destroy else RemovalPolicy.RETAIN,
            auto_delete_objects=destroy,
        )
        acknowledge(bucket, "S1", "It holds the access logs: logs of their reading would be noise.")
        return bucket

    def _acknowledge(self, settings: DeploymentSettings) -> None:
        acknowledge(
            self.distribution,
            "CFR1",
            "Who may read is decided by address or password, wherever in the world the reader is.",
        )
        acknowledge(
            self.distribution,
            "CFR2",
            "Static pages from a private bucket: a firewall costs more than all the rest of it.",
        )
        if settings.domain is None:
            acknowledge(
                self.distribution,
                "CFR4",
                "CloudFront's own certificate takes no minimum: the function refuses TLS before "
                "1.2, and a domain with a certificate of its own has the minimum.",
            )
