#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/dialects/onerway/method_input.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/method_steps.hpp"

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "customer";
constexpr std::string_view kMethod = "payment_method";
constexpr std::string_view kDefaultMethod = "invoice_settings[default_payment_method]";

struct CustomerChange {
    CustomerEdit edit;
    MetadataChange metadata;
    NamedMethod method;  // to be attached
};

// Sent empty, it is none any more.
std::optional<std::optional<PaymentMethodId>> read_default_method(Incoming& in) {
    if (in.parameters().text(kDefaultMethod) == "") return std::optional<PaymentMethodId>{};
    const auto chosen = read_reference<PaymentMethodId>(in, {kDefaultMethod, kMethod});
    if (!chosen) return std::nullopt;
    return std::optional{chosen};
}

CustomerChange read_customer(Incoming& in) {
    Parameters& parameters = in.parameters();
    CustomerChange change;
    change.edit.email = read_email(parameters, "email");
    change.edit.name = read_text(parameters, "name");
    change.edit.phone = read_text(parameters, "phone");
    change.edit.description = read_text(parameters, "description", kDescriptionCharactersMax);
    change.edit.address = read_address(parameters, "address");
    change.edit.shipping = read_shipping(parameters);
    change.edit.default_method = read_default_method(in);
    change.metadata = read_metadata(parameters);
    return change;
}

// A method that cannot be attached is found before the customer is made.
Done<void> look_at_method(const Books& books, const NamedMethod& method) {
    if (!method.id) return {};
    const auto found = need_method(books, *method.id, {kMethod});
    if (!found) return found.error();
    if (auto refusal = why_not_attach(*found)) return std::move(*refusal);
    return {};
}

Done<PaymentMethod> attach_named(Work& work, const NamedMethod& method, CustomerId customer) {
    if (method.ready_made) return create_method(work, *method.ready_made, customer);
    return attach_method(work, *method.id, customer);
}

// Stripe's way to make a customer with its method in one request: attached, and the default if the
// request says so.
Done<Customer> create_with_method(Work& work, const CustomerChange& change) {
    CustomerEdit edit = change.edit;
    edit.metadata = metadata_of(change.metadata);
    const auto chosen = std::exchange(edit.default_method, {}).value_or(std::nullopt);
    if (chosen && chosen != change.method.id) {
        return Refusal{
            .reason = Reason::method_not_usable,
            .parameter = std::string{kDefaultMethod},
            .detail =
                "The default payment method must be attached to the customer: pass it as "
                "payment_method too."};
    }
    const auto looked = look_at_method(work.books(), change.method);
    if (!looked) return looked.error();
    auto customer = payments::create_customer(work, edit);
    if (!customer || (!change.method.id && !change.method.ready_made)) return customer;
    const auto method = attach_named(work, change.method, customer->id);
    if (!method) return method.error();
    if (!chosen) return load_customer(work.books(), customer->id);
    return update_customer_of(work, customer->id, {.default_method = method->id});
}

Done<Customer> change_customer(Work& work, CustomerId id, const CustomerChange& change) {
    CustomerEdit edit = change.edit;
    if (!change.metadata.is_empty()) {
        const auto customer = load_customer(work.books(), id);
        if (!customer) return customer.error();
        if (auto refusal = why_not_metadata(customer->metadata, change.metadata)) {
            return std::move(*refusal);
        }
        edit.metadata = change.metadata.pairs;
        edit.clear_metadata = change.metadata.clear;
    }
    return update_customer_of(work, id, edit);
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.front()};
}

HttpReply no_such_customer(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

Done<Customer> present_customer(const Books& books, CustomerId id) {
    return need_customer(books, id, {});
}

}  // namespace

Plan create_customer(const Call& call) {
    Incoming in{call};
    CustomerChange change = read_customer(in);
    change.method = read_named_method(in, "payment_method");
    ExpandTree expand = read_expand(in.parameters(), Kind::customer);
    if (auto refusal = in.finish()) return std::move(*refusal);
    return write_plan(
        {.audience = audience_of(call)},
        std::move(expand),
        [change = std::move(change)](Work& work) { return create_with_method(work, change); }
    );
}

Plan list_customers(const Call& call) {
    Incoming in{call};
    Parameters& parameters = in.parameters();
    auto wish = read_list<CustomerId>(in, {kWhat, Kind::customer});
    CustomerFilter filter{
        .owner = call.caller.owner, .email = parameters.text("email").value_or("")};
    const TimeRange created = read_range(parameters, "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), std::move(filter), find_customer, payments::list_customers);
}

Plan get_customer(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::customer);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<CustomerId>(call);
    if (!id) return no_such_customer(call);
    return get_plan(asked_for(call), std::move(expand), [id = *id](const Books& books) {
        return load_customer(books, id);
    });
}

Plan update_customer(const Call& call) {
    Incoming in{call};
    CustomerChange change = read_customer(in);
    ExpandTree expand = read_expand(in.parameters(), Kind::customer);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<CustomerId>(call);
    if (!id) return no_such_customer(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, change = std::move(change)](Work& work) {
            return change_customer(work, id, change);
        }
    );
}

Plan delete_customer(const Call& call) {
    Incoming in{call};
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<CustomerId>(call);
    if (!id) return no_such_customer(call);
    return write_plan(asked_for(call), {}, [id = *id](Work& work) {
        return payments::delete_customer(work, id);
    });
}

Plan list_methods_of_customer(const Call& call) {
    Incoming in{call};
    auto wish = read_list<PaymentMethodId>(in, {kMethod, Kind::payment_method});
    MethodFilter filter{.owner = call.caller.owner};
    filter.type = read_method_type(in.parameters(), "type");
    if (auto refusal = in.finish()) return std::move(*refusal);
    filter.customer = path_id<CustomerId>(call);
    if (!filter.customer) return no_such_customer(call);
    return ReadPlan{
        [asked = asked_for(call), wish = std::move(wish), filter](const Books& books) -> Reply {
            const auto customer = present_customer(books, *filter.customer);
            if (!customer) return refusal_reply(books.around, customer.error(), asked);
            return list_now(
                books, wish, filter, find_payment_method, payments::list_payment_methods
            );
        }};
}

Plan get_method_of_customer(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::payment_method);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto customer = path_id<CustomerId>(call);
    if (!customer) return no_such_customer(call);
    const auto id = path_id<PaymentMethodId>(call, 1);
    if (!id) return missing_reply({kMethod, call.path[1]});
    Asked asked{.audience = audience_of(call), .id = call.path[1]};
    return get_plan(
        std::move(asked),
        std::move(expand),
        [id = *id, customer = *customer](const Books& books) -> Done<PaymentMethod> {
            auto method = need_method(books, id, {});
            if (!method || method->customer == customer) return method;
            return Refusal{.reason = Reason::not_found, .what = std::string{kMethod}};
        }
    );
}

}  // namespace postern::payments::onerway
