#include "verifiers/signed_text_template.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::verifiers {
namespace {

using Slot = SignedTextTemplate::Slot;

constexpr std::array kSlots = {
    std::pair{std::string_view{"{body}"}, Slot::body},
    std::pair{std::string_view{"{timestamp}"}, Slot::timestamp},
    std::pair{std::string_view{"{url}"}, Slot::url},
    std::pair{std::string_view{"{id}"}, Slot::id},
};

}  // namespace

Result<SignedTextTemplate, Complaint> SignedTextTemplate::parse(std::string_view text) {
    SignedTextTemplate parsed;
    int bodies = 0;
    while (!text.empty()) {
        const auto brace = text.find('{');
        if (brace != 0) {
            parsed.parts_.push_back({Slot::literal, std::string{text.substr(0, brace)}});
            text.remove_prefix(std::min(brace, text.size()));
            continue;
        }
        const auto* slot = std::find_if(kSlots.begin(), kSlots.end(), [text](const auto& known) {
            return text.starts_with(known.first);
        });
        if (slot == kSlots.end()) {
            return Complaint{"may hold only {body}, {timestamp}, {url} and {id} in braces"};
        }
        if (slot->second == Slot::body) ++bodies;
        parsed.parts_.push_back({slot->second, {}});
        text.remove_prefix(slot->first.size());
    }
    // Without the body in it a signature would prove nothing about what was sent.
    if (bodies != 1) return Complaint{"must hold {body} exactly once"};
    return parsed;
}

bool SignedTextTemplate::uses(Slot slot) const {
    return std::any_of(parts_.begin(), parts_.end(), [slot](const Part& part) {
        return part.slot == slot;
    });
}

SignedTextTemplate::Frame SignedTextTemplate::fill(const Values& values) const {
    Frame frame;
    std::string* side = &frame.before;
    for (const Part& part : parts_) {
        switch (part.slot) {
            case Slot::literal: *side += part.literal; break;
            case Slot::body: side = &frame.after; break;
            case Slot::timestamp: *side += values.timestamp; break;
            case Slot::url: *side += values.url; break;
            case Slot::id: *side += values.id; break;
        }
    }
    return frame;
}

}  // namespace postern::verifiers
