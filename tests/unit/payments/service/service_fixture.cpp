#include "tests/unit/payments/service/service_fixture.hpp"

#include "core/money.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/lookups.hpp"
#include "payments/service/customer_service.hpp"

namespace postern::payments {
namespace {

constexpr storage::Sql kKeepSql{
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, kind, own_type, external_id, channels, subject_id)"
    " VALUES ($1, $2, $3, $4, $5, 0, '', '', $6, '{}', $7, $8, '', '', $9)"};
constexpr std::int64_t kUnifiedKind = 0;
constexpr std::int64_t kStripeKind = 3;

PaymentGateway sandbox(std::string_view kind, std::int64_t number) {
    SandboxOptions options;
    options.public_url = "http://127.0.0.1:8080";
    PaymentGateway gateway;
    gateway.name = kind;
    gateway.kind = kind;
    gateway.number = storage::GatewayNumber{number};
    gateway.gateway = make_sandbox_gateway(kind, options);
    return gateway;
}

std::vector<PaymentGateway> all_gateways() {
    std::vector<PaymentGateway> gateways = {
        sandbox("stripe", 1),
        sandbox("airwallex", 2),
        sandbox("alipay", 3),
        sandbox("wechatpay", 4),
        sandbox("stripe", 5),
        sandbox("stripe", 6)};
    gateways[4].name = "slow";
    gateways[4].gateway = std::make_shared<SlowGateway>(gateways[4].gateway);
    gateways[5].name = "real";
    gateways[5].mode = PaymentGateway::Mode::live;
    return gateways;
}

}  // namespace

Result<EventId, StoreError>
KeepingDoor::announce(storage::Transaction& transaction, const Announcement& told) {
    announcements.push_back(told);
    const EventId id{transaction.next_id()};
    auto query = transaction.query(kKeepSql);
    query.bind(id.value).bind(told.owner.account.value);
    query.bind(static_cast<std::int64_t>(told.owner.livemode));
    query.bind(told.type ? static_cast<std::int64_t>(*told.type) : std::int64_t{0});
    query.bind(told.gateway.value).bind(transaction.now());
    const std::string_view own_name = told.type ? std::string_view{} : told.stripe_type;
    query.bind(told.type ? kUnifiedKind : kStripeKind).bind(own_name);
    query.bind(told.subject);
    const auto kept = query.run();
    if (!kept) return kept.error();
    return id;
}

void ServiceTest::SetUp() {
    PaymentsTest::SetUp();
    gateways_ = GatewayBook{all_gateways(), "stripe"};
}

void ServiceTest::TearDown() {
    for (const std::string& sentence : read(audit_books(connection()))) ADD_FAILURE() << sentence;
    PaymentsTest::TearDown();
}

NewMethod ServiceTest::card(std::string_view number) {
    CardInput input;
    input.number = number;
    input.exp_month = "12";
    input.exp_year = "2034";
    input.cvc = "123";
    const auto tokenised = desk_.tokenise(input, {});
    EXPECT_TRUE(tokenised.has_value());
    NewMethod made;
    made.method.owner = owner_;
    if (tokenised) made.method.card = *tokenised;
    return made;
}

NewMethod ServiceTest::bank_account(std::string_view number) {
    NewMethod made;
    made.method.owner = owner_;
    made.method.type = MethodType::us_bank_account;
    made.method.bank = BankAccount{.last4 = std::string{number.substr(number.size() - 4)}};
    return made;
}

PaymentDraft ServiceTest::draft(const Wanted& wanted) {
    PaymentDraft draft;
    draft.amount = {wanted.minor, kUsd};
    draft.gateway = wanted.gateway;
    draft.capture_method = wanted.capture;
    draft.confirmation_method = wanted.confirmation;
    if (!wanted.card.empty()) draft.new_method = card(wanted.card);
    return draft;
}

FullPayment ServiceTest::create(const Wanted& wanted) {
    const PaymentDraft asked = draft(wanted);
    return done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::no); }));
}

FullPayment ServiceTest::pay(const Wanted& wanted) {
    const PaymentDraft asked = draft(wanted);
    return done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
}

FullPayment ServiceTest::confirm(PaymentId id, const PaymentEdit& edit) {
    return done(run([&](Work& work) { return confirm_payment(work, id, {.edit = edit}); }));
}

FullPayment ServiceTest::capture(PaymentId id, std::optional<std::int64_t> minor) {
    return done(run([&](Work& work) { return capture_payment(work, id, minor); }));
}

FullRefund ServiceTest::refund(PaymentId id, std::optional<std::int64_t> minor) {
    const RefundDraft asked{.payment = id, .minor = minor};
    return done(run([&](Work& work) { return create_refund(work, asked); }));
}

FullPayment ServiceTest::stored(PaymentId id) {
    return done(load_payment(books(), id));
}

Customer ServiceTest::customer() {
    return done(run([](Work& work) { return create_customer(work, {}); }));
}

void ServiceTest::answer(OrderId id, std::string_view gateway) {
    const auto order = read(load_order(books(), id));
    ASSERT_TRUE(order.has_value());
    std::optional<GatewayAnswer> answer;
    gateways_.find(gateway)->gateway->call(*order, [&answer](std::optional<GatewayAnswer> said) {
        answer = std::move(said);
    });
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(run([&](Work& work) { return settle_order(work, *order, *answer); }).has_value());
}

void ServiceTest::settle(PaymentId id, const PaymentFact& fact) {
    const Payment payment = stored(id).payment;
    const auto settled = run([&](Work& work) { return settle_payment(work, payment, fact); });
    EXPECT_TRUE(settled.has_value());
}

std::optional<NewsEffect> ServiceTest::hear(const UnifiedEvent& event, std::string_view gateway) {
    const storage::GatewayNumber number = gateways_.find(gateway)->number;
    return read(run([&](Work& work) { return take_provider_news(work, {number, event}); }));
}

UnifiedEvent ServiceTest::news(EventType type, const Payment& payment) {
    UnifiedEvent event;
    event.type = type;
    event.gateway_payment_id = payment.gateway_payment_id;
    event.currency = payment.amount.currency.upper();
    event.amount = decimal_from_minor(payment.amount.minor, 2, event.currency).value_or("");
    event.occurred_at = to_iso8601(clock_.now());
    return event;
}

std::vector<std::string> ServiceTest::told() {
    std::vector<std::string> names;
    for (; heard_ < keeping_door_.announcements.size(); ++heard_) {
        const Announcement& announcement = keeping_door_.announcements[heard_];
        const bool unified = announcement.type.has_value();
        names.emplace_back(unified ? to_text(*announcement.type) : announcement.stripe_type);
    }
    return names;
}

std::vector<MessageRow> ServiceTest::messages() {
    return read(due_messages(connection(), clock_.now() + std::chrono::hours{1}, 100));
}

}  // namespace postern::payments
