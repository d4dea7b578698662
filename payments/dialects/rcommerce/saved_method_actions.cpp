#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/customer_methods.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/replies.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/views/rcommerce_objects.hpp"

namespace postern::payments::rcommerce {
namespace {

HttpReply no_method_reply(const Call& call) {
    const auto fault = fault_of(ErrorCode::not_found, Text::method_not_found, call.language);
    return rc_error(audience_of(call), fault);
}

HttpReply deleted_reply(const Audience& audience, const Surroundings& around, PaymentMethodId id) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member_boolean("success", true);
    writer.member("message", text(Text::method_deleted, audience.language));
    writer.member("token", around.ids.encode(id));
    writer.end_object();
    return rc_json(audience, kOk, std::move(body));
}

Reply delete_and_reply(Work& work, const Audience& audience, const Done<PaymentMethodId>& found) {
    if (!found) return rc_refusal(audience, found.error());
    const auto deleted = delete_method(work, *found);
    if (!deleted) return rc_refusal(audience, deleted.error());
    return deleted_reply(audience, work.around, *found);
}

Done<PaymentMethodId> owned_id(const Books& books, const OwnedMethod& which) {
    const auto found = find_owned(books, which);
    if (!found) return found.error();
    return found->method.id;
}

Done<PaymentMethodId> undeleted_id(const Books& books, PaymentMethodId id) {
    const auto found = find_undeleted(books, id);
    if (!found) return found.error();
    return found->id;
}

}  // namespace

Plan delete_customer_method(const Call& call) {
    const auto id = read_id<PaymentMethodId>(call.around.ids, call.path[1]);
    if (!id) return no_method_reply(call);
    WritePlan plan;
    plan.run = [id = *id, customer = call.path[0], audience = audience_of(call)](Work& work) {
        const auto found = owned_id(work.books(), {.customer = customer, .method = id});
        return delete_and_reply(work, audience, found);
    };
    return plan;
}

Plan delete_payment_method(const Call& call) {
    const auto id = read_id<PaymentMethodId>(call.around.ids, call.path.front());
    if (!id) return no_method_reply(call);
    WritePlan plan;
    plan.run = [id = *id, audience = audience_of(call)](Work& work) {
        return delete_and_reply(work, audience, undeleted_id(work.books(), id));
    };
    return plan;
}

Plan post_default_method(const Call& call) {
    const auto id = read_id<PaymentMethodId>(call.around.ids, call.path[1]);
    if (!id) return no_method_reply(call);
    Body body{call};
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    plan.run = [id = *id, spelled = call.path[0], audience = audience_of(call)](Work& work
               ) -> Reply {
        auto found = find_owned(work.books(), {.customer = spelled, .method = id});
        if (!found) return rc_refusal(audience, found.error());
        auto method = make_default(work, id, found->customer.id);
        if (!method) return rc_refusal(audience, method.error());
        found->customer.default_method = id;
        std::string reply_body;
        JsonWriter writer{reply_body};
        append_rc_saved_method(
            writer,
            work.around,
            {.method = std::move(*method), .customer = std::move(found->customer)}
        );
        return rc_json(audience, kOk, std::move(reply_body));
    };
    return plan;
}

}  // namespace postern::payments::rcommerce
