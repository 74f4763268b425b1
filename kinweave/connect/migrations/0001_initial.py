import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("worker_id", models.UUIDField(null=True)),
                ("state", models.CharField(default="draft", max_length=20)),
                ("urgency", models.CharField(default="normal", max_length=12)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("need", models.CharField(default="", max_length=40)),
                ("items", models.JSONField(default=list)),
                ("to", models.BinaryField(null=True)),
                ("note", models.BinaryField(null=True)),
                ("override", models.BinaryField(null=True)),
                (
                    "consent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="people.consent"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "state", "-made_at"], name="referral_person")],
            },
        ),
    ]
