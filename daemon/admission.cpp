#include "daemon/admission.hpp"

#include "daemon/authentication.hpp"
#include "daemon/faces/face.hpp"
#include "daemon/faces/stripe/replies.hpp"

#include <array>

namespace postern::daemon {

using storage::KeyKind;

namespace {

constexpr int kForbidden = 403;

HttpReply forbidden(std::string message) {
    return error_reply({.status = kForbidden, .code = "FORBIDDEN", .message = std::move(message)});
}

HttpReply publishable_refused(const Route& route) {
    std::string message = "A publishable key may not do this, since anybody can see it; use a ";
    message += route.access == Access::reading ? "secret or a restricted key" : "secret key";
    if (face_of(route.pattern) == Face::stripe) {
        return stripe::error_reply(
            {.status = kForbidden, .code = "secret_key_required", .message = std::move(message)}
        );
    }
    return forbidden(std::move(message));
}

HttpReply scope_missing(KeyScope scope) {
    std::string message = "This restricted key may not read that: it lacks the scope ";
    message += to_text(scope);
    return error_reply(
        {.status = kForbidden,
         .code = "FORBIDDEN",
         .message = std::move(message),
         .details = {{"scopes", std::string{to_text(scope)}}}}
    );
}

// A platform's server names the account it acts for. To act for the key's own instead would move
// the money of the wrong one.
constexpr std::array<std::string_view, 2> kAccountFields = {"stripe-account", "stripe-context"};

std::optional<HttpReply>
refuse_account(const HttpRequest& request, const Identity& identity, const IdCodec& ids) {
    if (face_of(request.path) != Face::stripe) return std::nullopt;
    for (const std::string_view name : kAccountFields) {
        const auto wanted = request.fields.find(name);
        if (!wanted || *wanted == ids.encode(identity.account)) continue;
        return stripe::error_reply(
            {.status = kForbidden,
             .code = "account_invalid",
             .message = "Connected accounts are not available: this key acts for its own account "
                        "only. Leave out Stripe-Account and Stripe-Context."}
        );
    }
    return std::nullopt;
}

}  // namespace

std::optional<HttpReply> refuse_access(const Identity& identity, const Route& route) {
    switch (identity.kind) {
        case KeyKind::secret: return std::nullopt;
        case KeyKind::publishable:
            if (route.access == Access::publishable) return std::nullopt;
            return publishable_refused(route);
        case KeyKind::restricted: break;
    }
    // What a customer's browser may do with a publishable key may still write.
    const bool reads = route.access == Access::reading || route.method == "GET";
    if (route.access == Access::writing || !reads) {
        return forbidden("A restricted key may only read; use a secret key for this");
    }
    const KeyScope scope = scope_of(route.pattern);
    if (identity.scopes.allow(scope)) return std::nullopt;
    return scope_missing(scope);
}

net::Task<Admission> admit(
    ApiSurroundings& around,
    const HttpRequest& request,
    net::IoThread& thread,
    const Route& route
) {
    Admission admission;
    if (route.access == Access::open) co_return admission;
    auto authenticating = authenticate(around, request, thread);
    auto identity = co_await std::move(authenticating);
    if (!identity) {
        admission.refusal = std::move(identity.error());
        co_return admission;
    }
    admission.identity = *identity;
    if (around.limits != nullptr) {
        admission.grant = around.limits->take(*identity, around.clock.now());
        if (admission.grant->verdict == RateGrant::Verdict::wait) {
            admission.refusal = too_many_reply(
                *admission.grant,
                "Too many requests: this key's limit is reached; please ask again later"
            );
            co_return admission;
        }
    }
    admission.refusal = refuse_access(*identity, route);
    if (!admission.refusal) {
        admission.refusal = refuse_account(request, *identity, around.store.ids);
    }
    co_return admission;
}

}  // namespace postern::daemon
