"""Payment providers behind `services.payments.PaymentProvider`, and the sandbox they meet."""
