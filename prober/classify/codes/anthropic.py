"""Errors of the Anthropic API: types, the stable codes inside `details`, and the billing texts of status 400."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["ANTHROPIC"]

_BILLING = Rule(ErrorClass.QUOTA_EXHAUSTED, "billing")
_SPEND_LIMIT = Rule(ErrorClass.QUOTA_EXHAUSTED, "spend_limit")
_USAGE_LIMIT = Rule(ErrorClass.QUOTA_EXHAUSTED, "usage_limit")
_PERMISSION = Rule(ErrorClass.ACCESS_DENIED, "permission")
_BILLING_DENIED = Rule(ErrorClass.ACCESS_DENIED, "billing")
_ENCRYPTION_KEY = Rule(ErrorClass.ACCESS_DENIED, "encryption_key")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")
_CONFLICT = Rule(ErrorClass.SERVER_ERROR, "conflict")
_PARAMETER = Rule(ErrorClass.REQUEST_REJECTED, "parameter")
_NOT_FOUND = Rule(ErrorClass.REQUEST_REJECTED, "not_found")

_DETAILS = {
    "organization_on_hold": Rule(ErrorClass.ACCESS_DENIED, "on_hold"),
    "sandbox_egress_restricted": _PERMISSION,
    "organization_not_enrolled_in_beta": _PERMISSION,
    "claude_code_key_creator_not_member": Rule(ErrorClass.AUTH_REJECTED, "invalid_key"),
    "linked_organization_spend_limit_reached": _SPEND_LIMIT,
    "linked_organization_billing_unavailable": _BILLING,
    "enforced_spend_limit_reached": _USAGE_LIMIT,
    "contract_spend_limit_reached": _USAGE_LIMIT,
    "storage_quota_exceeded": _USAGE_LIMIT,
    "org_member_limit_exceeded": _USAGE_LIMIT,
    "user_profile_billing_not_authorized": _BILLING_DENIED,
    "user_profile_not_billable": _BILLING_DENIED,
    "ramp_limit_exceeded": Rule(ErrorClass.RATE_LIMITED, "ramp"),
    "cmek_context_unavailable": Rule(ErrorClass.SERVER_ERROR, "internal"),
    # A key store of our own that the service cannot reach.
    "cmek_key_unreachable": _ENCRYPTION_KEY,
    "cmek_key_disabled": _ENCRYPTION_KEY,
    "cmek_key_network_blocked": _ENCRYPTION_KEY,
    "compaction_unavailable": _CAPACITY,
    "concurrent_membership_change": _CONFLICT,
    "skill_read_blocked_undecryptable": _CONFLICT,
    "request_body_too_large_after_decoding": Rule(ErrorClass.REQUEST_REJECTED, "request_too_large"),
    **dict.fromkeys(("file_expired", "rbac_role_not_found", "thread_not_found", "user_profile_not_found"), _NOT_FOUND),
    **dict.fromkeys(
        (
            "available_tools_limit_exceeded",
            "claude_code_version_too_old",
            "compaction_block_ambiguous",
            "compaction_block_misplaced",
            "compaction_content_mismatch",
            "compaction_incomplete_turn",
            "compaction_nothing_to_summarize",
            "compaction_signature_invalid",
            "compaction_too_many_tool_references",
            "compaction_tool_changes_mismatch",
            "file_not_downloadable",
            "image_dimensions_too_large",
            "organization_type_not_supported",
            "parent_organization_required",
            "request_body_encoding_invalid",
            "request_body_encoding_unsupported",
            "request_body_timeout",
            "thread_already_continued",
            "thread_continue_in_flight",
            "thread_fingerprint_mismatch",
            "thread_unsupported_request",
            "tool_name_conflict",
            "tool_reference_unresolved",
            "unsupported_charset",
            "user_profile_required",
        ),
        _PARAMETER,
    ),
}

_TEXTS = (
    text(r"^your credit balance is too low", _BILLING, 400),
    text(r"^you have reached your specified (\w+ )?API usage limits", _SPEND_LIMIT, 400),
    text(r"^this organization has been disabled", Rule(ErrorClass.ACCESS_DENIED, "on_hold"), 400, 403),
    text(r"content filtering policy", Rule(ErrorClass.CONTENT_FILTERED, "output"), 400),
)

ANTHROPIC = Table(
    codes={Scope.DETAIL: _DETAILS, Scope.CODE: {"overloaded_error": _CAPACITY}},
    texts=_TEXTS,
    types={
        Scope.CODE: {
            "invalid_request_error": 400,
            "authentication_error": 401,
            "billing_error": _BILLING,
            "permission_error": _PERMISSION,
            "not_found_error": 404,
            "conflict_error": 409,
            "request_too_large": 413,
            "rate_limit_error": 429,
            "api_error": 500,
            "timeout_error": Rule(ErrorClass.SERVER_ERROR, "service_timeout"),
        }
    },
)
