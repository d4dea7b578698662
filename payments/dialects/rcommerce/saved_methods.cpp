#include "core/crypto.hpp"
#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/customer_methods.hpp"
#include "payments/dialects/rcommerce/customer_ref.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/filters.hpp"
#include "payments/dialects/rcommerce/method_input.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/views/rcommerce_objects.hpp"

#include <algorithm>
#include <memory>

namespace postern::payments::rcommerce {
namespace {

enum class AsDefault { no, yes };

struct SaveInput {
    SaveInput() = default;
    SaveInput(const SaveInput&) = delete;
    SaveInput& operator=(const SaveInput&) = delete;
    ~SaveInput() { wipe_number(method.fresh); }

    MethodInput method;
    std::string customer;  // as it was spelled; empty: nobody's, and yet it can pay
    enum class NamedBy { path, body } named_by = NamedBy::path;
    Metadata metadata;
    AsDefault as_default = AsDefault::no;
};

HttpReply no_customer_reply(const Call& call) {
    const auto fault = fault_of(ErrorCode::not_found, Text::customer_not_found, call.language);
    return rc_error(audience_of(call), fault);
}

Done<Customer> customer_for(Work& work, const SaveInput& input) {
    auto provided = provide_customer(work, input.customer);
    if (provided || input.named_by == SaveInput::NamedBy::body) return provided;
    const Failure failure = provided.error();
    const Refusal* refusal = failure.refusal();
    if (refusal == nullptr || refusal->reason != Reason::reference_missing) return failure;
    return Failure{Refusal{.reason = Reason::not_found, .what = "customer"}};
}

// A customer is made by its first use only if the method can become theirs.
Done<bool> look_before(const Books& books, const SaveInput& input) {
    if (!input.method.saved) return true;
    const auto method = find_undeleted(books, *input.method.saved);
    if (!method) return method.error();
    if (!method->customer && method->state != PaymentMethod::State::used_up) return true;
    const auto customer = known_customer(books, input.customer);
    if (!customer) return customer.error();
    const bool theirs = *customer && method->customer == (*customer)->id;
    if (theirs) return true;
    return Failure{Refusal{.reason = Reason::method_not_usable}};
}

Done<PaymentMethod>
store(Work& work, const SaveInput& input, const std::optional<Customer>& customer) {
    if (input.method.saved) {
        if (!customer) return find_undeleted(work.books(), *input.method.saved);
        return attach_method(work, *input.method.saved, customer->id);
    }
    NewMethod fresh = *input.method.fresh;
    fresh.method.metadata = input.metadata;
    if (!customer) fresh.method.state = PaymentMethod::State::reusable;
    const auto owner = customer ? std::optional{customer->id} : std::nullopt;
    auto method = create_method(work, fresh, owner);
    wipe(fresh.number);
    return method;
}

Done<SavedMethod> save(Work& work, const SaveInput& input) {
    const auto may = look_before(work.books(), input);
    if (!may) return may.error();
    std::optional<Customer> customer;
    if (!input.customer.empty()) {
        auto provided = customer_for(work, input);
        if (!provided) return provided.error();
        customer = std::move(*provided);
    }
    auto method = store(work, input, customer);
    if (!method) return method.error();
    if (input.as_default == AsDefault::yes && customer) {
        method = make_default(work, method->id, customer->id);
        if (!method) return method.error();
        customer->default_method = method->id;
    }
    return SavedMethod{.method = std::move(*method), .customer = std::move(customer)};
}

HttpReply saved_reply(const Audience& audience, const Surroundings& around, SavedMethod saved) {
    std::string body;
    JsonWriter writer{body};
    append_rc_saved_method(writer, around, saved);
    return rc_json(audience, kCreated, std::move(body));
}

HttpReply token_reply(const Audience& audience, const Surroundings& around, SavedMethod saved) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("token", around.ids.encode(saved.method.id));
    writer.key("payment_method");
    append_rc_method(writer, saved.method, {});
    writer.member_boolean("is_default", is_default(saved));
    writer.key("expires_at");
    writer.null();
    writer.end_object();
    return rc_json(audience, kCreated, std::move(body));
}

using SavedReply = HttpReply (*)(const Audience&, const Surroundings&, SavedMethod);

WritePlan save_plan(const Call& call, std::shared_ptr<const SaveInput> input, SavedReply reply) {
    WritePlan plan;
    plan.run = [input = std::move(input), reply, audience = audience_of(call)](Work& work
               ) -> Reply {
        auto saved = save(work, *input);
        if (!saved) return rc_refusal(audience, saved.error());
        return reply(audience, work.around, std::move(*saved));
    };
    return plan;
}

void take_method(Body& body, Result<MethodInput, Fault> method, SaveInput& input) {
    if (!method) return body.refuse(std::move(method.error()));
    input.method = std::move(*method);
}

using ListReply = HttpReply (*)(
    const Audience&,
    const Surroundings&,
    const std::vector<SavedMethod>&,
    NumberedPage
);

HttpReply page_reply(
    const Audience& audience,
    const Surroundings& around,
    const std::vector<SavedMethod>& methods,
    NumberedPage page
) {
    const auto total = static_cast<std::int64_t>(methods.size());
    const std::int64_t from = std::min((page.page - 1) * page.per_page, total);
    const std::int64_t until = std::min(from + page.per_page, total);
    std::string rows;
    JsonWriter writer{rows};
    writer.begin_array();
    for (std::int64_t i = from; i < until; ++i) {
        append_rc_saved_method(writer, around, methods[static_cast<std::size_t>(i)]);
    }
    writer.end_array();
    return rc_list(audience, count_of(page, total), rows);
}

HttpReply tokens_reply(
    const Audience& audience,
    const Surroundings& around,
    const std::vector<SavedMethod>& methods,
    NumberedPage /*page*/
) {
    using Default = MethodView::Default;
    std::string body;
    JsonWriter writer{body};
    writer.begin_array();
    for (const SavedMethod& saved : methods) {
        append_rc_method(
            writer,
            saved.method,
            {.token = around.ids.encode(saved.method.id),
             .is_default = is_default(saved) ? Default::yes : Default::no}
        );
    }
    writer.end_array();
    return rc_json(audience, kOk, std::move(body));
}

// A shop's own UUID that was never used here has no methods, which is no mistake.
Reply list_reply(
    const Books& books,
    const Audience& audience,
    const std::string& spelled,
    const std::function<HttpReply(const std::vector<SavedMethod>&)>& reply
) {
    auto customer = known_customer(books, spelled);
    if (!customer) return rc_refusal(audience, customer.error());
    if (!*customer && !is_uuid(spelled)) {
        return rc_error(
            audience, fault_of(ErrorCode::not_found, Text::customer_not_found, audience.language)
        );
    }
    std::vector<SavedMethod> saved;
    if (*customer) {
        auto methods = methods_of(books, (*customer)->id);
        if (!methods) return methods.error();
        for (PaymentMethod& method : *methods) saved.push_back({std::move(method), *customer});
    }
    return reply(saved);
}

Plan list_plan(const Call& call, ListReply reply, NumberedPage page) {
    const std::string& spelled = call.path.front();
    if (!is_customer_spelling(call.around.ids, spelled)) return no_customer_reply(call);
    return ReadPlan{[spelled, reply, page, audience = audience_of(call)](const Books& books) {
        return list_reply(books, audience, spelled, [&](const std::vector<SavedMethod>& saved) {
            return reply(audience, books.around, saved, page);
        });
    }};
}

}  // namespace

Plan get_customer_methods(const Call& call) {
    Filters filters{call};
    const NumberedPage page = filters.page();
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return list_plan(call, page_reply, page);
}

Plan get_customer_tokens(const Call& call) {
    Filters filters{call};
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return list_plan(call, tokens_reply, {});
}

Plan post_customer_method(const Call& call) {
    auto input = std::make_shared<SaveInput>();
    input->customer = call.path.front();
    if (!is_customer_spelling(call.around.ids, input->customer)) return no_customer_reply(call);
    Body body{call};
    for (const std::string_view name : {"type", "card", "bank_transfer", "token"}) {
        static_cast<void>(body.value(name));
    }
    if (body.flag("set_as_default") == true) input->as_default = AsDefault::yes;
    input->metadata = body.metadata();
    std::string key = body.idempotency_key();
    const MethodSource source{.field = "", .number = MethodSource::Number::keep};
    if (body.is_good()) take_method(body, read_method(call, body.object(), source), *input);
    if (auto refusal = body.finish()) return std::move(*refusal);
    WritePlan plan = save_plan(call, std::move(input), saved_reply);
    plan.idempotency_key = std::move(key);
    return plan;
}

Plan post_payment_method(const Call& call) {
    auto input = std::make_shared<SaveInput>();
    Body body{call};
    body.require("gateway_id");
    const auto name = body.text("gateway_id");
    const PaymentGateway* gateway = name ? call.around.gateways.find(*name) : nullptr;
    if (name && gateway == nullptr) body.refuse({.code = ErrorCode::gateway_not_found});
    input->customer = body.text("customer_id").value_or("");
    input->named_by = SaveInput::NamedBy::body;
    if (!input->customer.empty() && !is_customer_spelling(call.around.ids, input->customer)) {
        body.complain("customer_id", Text::not_an_id);
    }
    if (body.flag("set_as_default") == true) input->as_default = AsDefault::yes;
    input->metadata = body.metadata();
    std::string key = body.idempotency_key();
    body.require("payment_method_data");
    const MethodSource source{
        .field = "payment_method_data", .gateway = gateway, .number = MethodSource::Number::keep};
    if (body.is_good()) {
        take_method(body, read_method(call, body.value(source.field), source), *input);
    }
    if (auto refusal = body.finish()) return std::move(*refusal);
    WritePlan plan = save_plan(call, std::move(input), token_reply);
    plan.idempotency_key = std::move(key);
    return plan;
}

}  // namespace postern::payments::rcommerce
