#include "payments/gateways/sandbox/sandbox_gateway.hpp"

#include "payments/gateways/sandbox/delayed_answers.hpp"
#include "payments/gateways/sandbox/sandbox_answers.hpp"
#include "payments/gateways/sandbox/sandbox_kind.hpp"
#include "payments/gateways/sandbox/sandbox_methods.hpp"

namespace postern::payments {
namespace {

class SandboxGateway final : public Gateway {
 public:
    SandboxGateway(SandboxKind kind, const SandboxOptions& options)
        : kind_{kind}, latency_{options.latency}, answers_{kind, options} {}

    std::optional<GatewayAnswer> answer_at_once(const GatewayOrder& order) const override {
        if (latency_) return std::nullopt;
        return answers_.answer(order);
    }

    void call(const GatewayOrder& order, Answered answered) const override {
        if (!latency_) {
            answered(answers_.answer(order));
            return;
        }
        later_.say_after(
            *latency_,
            [answer = answers_.answer(order), answered = std::move(answered)] { answered(answer); }
        );
    }

    std::span<const MethodDescription> methods() const override { return sandbox_methods(kind_); }
    std::int64_t step_minor(const Currency& currency) const override {
        return step_minor_of(kind_, currency);
    }
    std::string_view display_name() const override { return display_name_of(kind_); }

 private:
    SandboxKind kind_;
    std::optional<std::chrono::milliseconds> latency_;
    SandboxAnswers answers_;
    mutable DelayedAnswers later_;
};

}  // namespace

std::shared_ptr<const Gateway>
make_sandbox_gateway(std::string_view kind, const SandboxOptions& options) {
    const auto known = sandbox_kind_of(kind);
    if (!known) return nullptr;
    return std::make_shared<SandboxGateway>(*known, options);
}

}  // namespace postern::payments
