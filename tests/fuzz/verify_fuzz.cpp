#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/webhook_input.hpp"

namespace {

class CountingTrace final : public postern::verifiers::VerifyTrace {
 public:
    void step(std::string_view what, std::string_view detail) override {
        bytes_ += what.size() + detail.size();
    }

 private:
    std::size_t bytes_ = 0;
};

}  // namespace

// Verifying is pure: whether somebody watches changes nothing, nor does asking twice.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = postern::fuzz::read_webhook_input(postern::fuzz_text(data, size));
    if (!input) return 0;
    const auto& provider = *input->provider;
    auto request = input->request();
    provider.fetch_needed(request);
    provider.challenge(request);
    provider.is_probe(request);
    const auto verdict = provider.verify(request);
    CountingTrace trace;
    request.trace = &trace;
    const postern::verifiers::FetchedDocument fetched{200, std::string{input->body}};
    if (!provider.fetch_needed(request)) {
        POSTERN_ASSERT(provider.verify(request).has_value() == verdict.has_value());
    }
    request.fetched = &fetched;
    const auto with_document = provider.verify(request);
    if (!with_document) {
        provider.refusal(with_document.error());
        return 0;
    }
    provider.normalise(request);
    provider.acknowledgement(request);
    return 0;
}
